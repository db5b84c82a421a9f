//! Who may see what of an account, by the rules of its owner.

use heliogram_ids::UserId;
use heliogram_store::Read;
use heliogram_store::engine::View;

use super::{contacts, users};
use crate::error::Rpc;
use crate::record::{Audience, PrivacyKey, PrivacyRule, PrivacyRules};
use crate::tables::Privacy;

/// The rules of an account; those that hold until it sets others are everybody's, but for the
/// phone number, which contacts see.
pub(crate) fn rules(db: &dyn View, owner: UserId, key: PrivacyKey) -> Rpc<PrivacyRules> {
    let stored = db.get::<Privacy>(&(owner, key.number()))?;
    let whom = match key {
        PrivacyKey::PhoneNumber => Audience::Contacts,
        _ => Audience::Everybody,
    };
    let default = || PrivacyRules { rules: vec![PrivacyRule { allow: true, whom }] };
    Ok(stored.unwrap_or_else(default))
}

/// Whether `viewer` may: the first rule that speaks of them decides, and nobody else may.
pub(crate) fn allows(db: &dyn View, owner: UserId, key: PrivacyKey, viewer: UserId) -> Rpc<bool> {
    if owner == viewer {
        return Ok(true);
    }
    for rule in rules(db, owner, key)?.rules {
        let speaks = match &rule.whom {
            Audience::Everybody => true,
            Audience::Contacts => contacts::saved(db, owner, viewer)?.is_some(),
            Audience::Users(named) => named.contains(&viewer),
            Audience::Bots => users::find(db, viewer)?.is_some_and(|row| row.is_bot()),
        };
        if speaks {
            return Ok(rule.allow);
        }
    }
    Ok(false)
}

/// Whether `viewer` may know when `owner` was last seen. Who hides it from somebody does not see
/// theirs either, and who is blocked sees nothing.
pub(crate) fn shows_status(db: &dyn View, owner: UserId, viewer: UserId) -> Rpc<bool> {
    let key = PrivacyKey::StatusTimestamp;
    Ok(allows(db, owner, key, viewer)?
        && allows(db, viewer, key, owner)?
        && !contacts::is_blocked(db, owner, viewer)?)
}
