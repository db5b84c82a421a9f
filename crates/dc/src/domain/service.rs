//! The accounts of the cloud itself.

use heliogram_ids::{Timestamp, UserId};
use heliogram_store::Txn;

use super::{bots, users};
use crate::error::Rpc;
use crate::record::UserRow;

/// Makes the accounts that a cloud must have, where they are missing.
pub(crate) fn install(txn: &mut Txn, now: Timestamp) -> Rpc<()> {
    let service = UserRow {
        first_name: "Service Notifications".to_owned(),
        // Too short to be anybody's: clients show it in place of a name that they do not know.
        phone: Some("42777".to_owned()),
        support: true,
        created: now.unix(),
        ..UserRow::default()
    };
    let bot_father = UserRow {
        first_name: "BotFather".to_owned(),
        username: Some("BotFather".to_owned()),
        about: "Makes bots and looks after them.".to_owned(),
        support: true,
        created: now.unix(),
        bot: Some(bots::profile()),
        ..UserRow::default()
    };
    ensure(txn, users::SERVICE, &service)?;
    ensure(txn, users::BOT_FATHER, &bot_father)
}

fn ensure(txn: &mut Txn, id: UserId, row: &UserRow) -> Rpc<()> {
    if users::find(txn, id)?.is_some() { Ok(()) } else { users::create_at(txn, id, row) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn installing_twice_changes_nothing() {
        let mut cloud = Fixture::new();
        let now = cloud.now;
        cloud.write(move |txn| install(txn, now)).expect("the first time");
        let before = cloud.store.read(|db| users::require(db, users::BOT_FATHER));
        cloud.write(move |txn| install(txn, now)).expect("the second time");
        let after = cloud.store.read(|db| users::require(db, users::BOT_FATHER));
        assert_eq!(before, after);
        assert!(after.is_ok_and(|row| row.is_bot() && row.support));
    }
}
