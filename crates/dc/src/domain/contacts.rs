//! Address books and blocks.

use std::collections::BTreeSet;

use heliogram_ids::{Peer, UserId};
use heliogram_store::engine::View;
use heliogram_store::{Prefix, Read, StoreError, Txn};

use crate::cx::Cx;
use crate::error::{Rpc, RpcError};
use crate::fanout::Notice;
use crate::limits::Limits;
use crate::record::Contact;
use crate::tables::{Blocks, ContactOf, Contacts, Dialogs, PhoneBook};

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

/// Saves `person` in the address book of `owner`.
pub(crate) fn save(
    txn: &mut Txn,
    owner: UserId,
    person: UserId,
    contact: &Contact,
) -> Result<(), StoreError> {
    txn.put::<Contacts>(&(owner, person), contact)?;
    txn.put::<ContactOf>(&(person, owner), &())
}

/// Saves `person` in the address book of `owner` while there is room.
///
/// # Errors
/// `USERS_TOO_MUCH`.
pub(crate) fn add(
    txn: &mut Txn,
    owner: UserId,
    person: UserId,
    contact: &Contact,
    limits: &Limits,
) -> Rpc<()> {
    let max = limits.contacts_max;
    if saved(txn, owner, person)?.is_none() && txn.count::<Contacts>(Prefix(owner), max)? >= max {
        return Err(RpcError::USERS_TOO_MUCH);
    }
    Ok(save(txn, owner, person, contact)?)
}

/// Takes `person` out of the address book of `owner`; says whether it was there.
pub(crate) fn forget(txn: &mut Txn, owner: UserId, person: UserId) -> Result<bool, StoreError> {
    let was_saved = txn.contains::<Contacts>(&(owner, person))?;
    if was_saved {
        txn.delete::<Contacts>(&(owner, person))?;
        txn.delete::<ContactOf>(&(person, owner))?;
    }
    Ok(was_saved)
}

/// The address book of `owner`.
pub(crate) fn all(db: &dyn View, owner: UserId) -> Result<Vec<(UserId, Contact)>, StoreError> {
    db.range::<Contacts>(Prefix(owner))
        .map(|row| row.map(|((_, person), contact)| (person, contact)))
        .collect()
}

/// A number got an account: it is a contact of everybody who had saved the number.
pub(crate) fn on_sign_up<M>(
    cx: &mut Cx<'_, Txn, M>,
    person: UserId,
    phone: &str,
) -> Result<(), StoreError> {
    let waiting: Vec<_> =
        cx.db.range::<PhoneBook>(Prefix(phone.to_owned())).collect::<Result<_, _>>()?;
    for ((number, owner), contact) in waiting {
        cx.db.delete::<PhoneBook>(&(number, owner))?;
        save(cx.db, owner, person, &contact)?;
        cx.outbox.tell(owner, Notice::User { of: person });
    }
    Ok(())
}

/// Whom a change of `person` concerns: those who have saved them and those with whom they talk,
/// except whom they have blocked. At most `limit`.
pub(crate) fn acquaintances(
    db: &dyn View,
    person: UserId,
    limit: usize,
) -> Result<BTreeSet<UserId>, StoreError> {
    let mut found = BTreeSet::new();
    for owner in owners_of(db, person)? {
        found.insert(owner);
    }
    for row in db.range::<Dialogs>(Prefix(person)).take(limit) {
        let ((_, peer), _) = row?;
        if let Peer::User(partner) = peer {
            found.insert(partner);
        }
    }
    found.remove(&person);
    let mut allowed = BTreeSet::new();
    for other in found.into_iter().take(limit) {
        if !is_blocked(db, person, other)? {
            allowed.insert(other);
        }
    }
    Ok(allowed)
}
