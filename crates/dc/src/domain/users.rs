//! Accounts: finding them, making them, naming them.

use heliogram_crypto::Random;
use heliogram_ids::{Peer, UserId};
use heliogram_store::engine::View;
use heliogram_store::{Read, StoreError, Txn};

use super::contacts;
use crate::cx::Cx;
use crate::error::{Rpc, RpcError};
use crate::fanout::Notice;
use crate::record::UserRow;
use crate::tables::{Phones, Usernames, Users};

/// Service notifications: login codes and news of the account. Clients hard-code its id.
pub(crate) const SERVICE: UserId = fixed(777_000);
/// The bot that makes bots.
pub(crate) const BOT_FATHER: UserId = fixed(93_372_553);

const fn fixed(id: i64) -> UserId {
    match UserId::new(id) {
        Some(id) => id,
        None => panic!("a fixed id lies in range"),
    }
}

/// The account behind an id.
pub(crate) fn find(db: &dyn View, id: UserId) -> Result<Option<UserRow>, StoreError> {
    db.get::<Users>(&id)
}

/// The account behind an id that is known to exist.
///
/// # Errors
/// `USER_ID_INVALID` if it does not after all.
pub(crate) fn require(db: &dyn View, id: UserId) -> Rpc<UserRow> {
    find(db, id)?.ok_or(RpcError::USER_ID_INVALID)
}

/// The account with a phone number, digits only.
pub(crate) fn by_phone(db: &dyn View, phone: &str) -> Result<Option<UserId>, StoreError> {
    db.get::<Phones>(&phone.to_owned())
}

/// Who has a username, whatever its case.
pub(crate) fn by_username(db: &dyn View, username: &str) -> Result<Option<Peer>, StoreError> {
    db.get::<Usernames>(&username.to_ascii_lowercase())
}

/// Stores a new account under a fresh id, with its phone number and username.
///
/// # Errors
/// `PHONE_NUMBER_OCCUPIED`, `USERNAME_OCCUPIED`.
pub(crate) fn create(txn: &mut Txn, rng: &mut dyn Random, user: &UserRow) -> Rpc<UserId> {
    let id = loop {
        // Ids look like those of a grown cloud, and cannot be counted by strangers.
        let id = UserId::new(i64::try_from(rng.below(7_000_000_000)).unwrap_or(1) + 100_000_000);
        let id = id.ok_or(RpcError::INTERNAL)?;
        if !txn.contains::<Users>(&id)? {
            break id;
        }
    };
    create_at(txn, id, user)?;
    Ok(id)
}

/// Stores a new account under a given id.
///
/// # Errors
/// `PHONE_NUMBER_OCCUPIED`, `USERNAME_OCCUPIED`.
pub(crate) fn create_at(txn: &mut Txn, id: UserId, user: &UserRow) -> Rpc<()> {
    if let Some(phone) = &user.phone {
        if txn.contains::<Phones>(phone)? {
            return Err(RpcError::PHONE_NUMBER_OCCUPIED);
        }
        txn.put::<Phones>(phone, &id)?;
    }
    if let Some(username) = &user.username {
        claim_username(txn, Peer::User(id), username)?;
    }
    txn.put::<Users>(&id, user)?;
    Ok(())
}

/// Gives `username` to `peer`.
///
/// # Errors
/// `USERNAME_OCCUPIED`.
pub(crate) fn claim_username(txn: &mut Txn, peer: Peer, username: &str) -> Rpc<()> {
    let key = username.to_ascii_lowercase();
    match txn.get::<Usernames>(&key)? {
        Some(holder) if holder != peer => Err(RpcError::USERNAME_OCCUPIED),
        _ => Ok(txn.put::<Usernames>(&key, &peer)?),
    }
}

/// Stores a changed account and tells whom it concerns.
pub(crate) fn save<M>(cx: &mut Cx<'_, Txn, M>, id: UserId, user: &UserRow) -> Rpc<()> {
    cx.db.put::<Users>(&id, user)?;
    cx.outbox.tell(id, Notice::Name { of: id });
    for viewer in contacts::acquaintances(cx.db, id, cx.world.limits().acquaintances_max)? {
        cx.outbox.tell(viewer, Notice::Name { of: id });
    }
    Ok(())
}

/// Takes the username of an account away, if it has one.
pub(crate) fn release_username(txn: &mut Txn, id: UserId) -> Rpc<()> {
    let mut row = require(txn, id)?;
    if let Some(username) = row.username.take() {
        txn.delete::<Usernames>(&username.to_ascii_lowercase())?;
        txn.put::<Users>(&id, &row)?;
    }
    Ok(())
}

/// Whether a username may be taken by a person: 5 to 32 letters, digits and underscores, beginning
/// with a letter, no underscore at the end or twice in a row.
pub(crate) fn is_valid_username(username: &str) -> bool {
    (5..=32).contains(&username.len())
        && username.starts_with(|c: char| c.is_ascii_alphabetic())
        && !username.ends_with('_')
        && !username.contains("__")
        && username.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The digits of a phone number as people write it.
pub(crate) fn phone_digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_follow_the_rules() {
        for good in ["alice", "Alice_2", "a1234"] {
            assert!(is_valid_username(good), "{good}");
        }
        for bad in
            ["abcd", "1alice", "_alice", "alice_", "al__ice", "alïce", "a b c d", &"a".repeat(33)]
        {
            assert!(!is_valid_username(bad), "{bad}");
        }
    }
}
