//! Address books and blocks.

use heliogram_ids::UserId;
use heliogram_store::engine::View;
use heliogram_store::{Prefix, Read, StoreError};

use crate::record::Contact;
use crate::tables::{Blocks, ContactOf, Contacts};

/// How `owner` has saved `person`.
pub(crate) fn saved(
    db: &dyn View,
    owner: UserId,
    person: UserId,
) -> Result<Option<Contact>, StoreError> {
    db.get::<Contacts>(&(owner, person))
}

/// Whether `owner` has blocked `person`.
pub(crate) fn is_blocked(db: &dyn View, owner: UserId, person: UserId) -> Result<bool, StoreError> {
    db.contains::<Blocks>(&(owner, person))
}

/// Everybody who has `person` in their address book.
pub(crate) fn owners_of(db: &dyn View, person: UserId) -> Result<Vec<UserId>, StoreError> {
    db.range::<ContactOf>(Prefix(person)).map(|row| row.map(|((_, owner), ())| owner)).collect()
}
