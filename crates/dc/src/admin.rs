//! What an operator does behind the back of the API: the first accounts of a cloud.

use heliogram_crypto::Random;
use heliogram_ids::{DcId, Timestamp, UserId};
use heliogram_store::Txn;

use crate::domain::{bots, names, users};
use crate::error::{Rpc, RpcError};
use crate::limits::Limits;
use crate::record::UserRow;

/// A person to be.
#[derive(Clone, Debug, Default)]
pub struct NewUser {
    /// In any spelling; also the key to the login.
    pub phone: String,
    /// Must not be empty.
    pub first_name: String,
    /// May be empty.
    pub last_name: String,
    /// With or without `@`.
    pub username: Option<String>,
    /// The data centre to be at home in; the first one that the server answers for if absent.
    pub home: Option<DcId>,
}

/// A bot to be.
#[derive(Clone, Debug, Default)]
pub struct NewBot {
    /// What people see.
    pub name: String,
    /// Ends in `bot`; with or without `@`.
    pub username: String,
    /// Whose it is: that person can manage it by BotFather. Nobody's if empty.
    pub owner_phone: String,
}

/// Makes a person's account.
///
/// # Errors
/// `PHONE_NUMBER_INVALID`, `PHONE_NUMBER_OCCUPIED`, `FIRSTNAME_INVALID`, `LASTNAME_INVALID`,
/// `USERNAME_INVALID`, `USERNAME_OCCUPIED`.
pub(crate) fn create_user(
    txn: &mut Txn,
    rng: &mut dyn Random,
    now: Timestamp,
    new: &NewUser,
) -> Rpc<UserId> {
    let username = new.username.as_deref().map(bare_username).filter(|name| !name.is_empty());
    if username.is_some_and(|username| !users::is_valid_username(username)) {
        return Err(RpcError::USERNAME_INVALID);
    }
    let row = UserRow {
        first_name: names::parse_first_name(&new.first_name, &Limits::DEFAULT)?,
        last_name: names::parse_last_name(&new.last_name, &Limits::DEFAULT)?,
        username: username.map(str::to_owned),
        phone: Some(names::parse_phone(&new.phone)?),
        created: now.unix(),
        home: new.home,
        ..UserRow::default()
    };
    users::create(txn, rng, &row)
}

/// Makes a bot and returns its token.
///
/// # Errors
/// `FIRSTNAME_INVALID`, `USERNAME_INVALID`, `USERNAME_OCCUPIED`, `PHONE_NUMBER_INVALID`,
/// `PHONE_NUMBER_UNOCCUPIED` for an owner that does not exist, `USERS_TOO_MUCH`.
pub(crate) fn create_bot(
    txn: &mut Txn,
    rng: &mut dyn Random,
    now: Timestamp,
    new: &NewBot,
) -> Rpc<String> {
    let owner = if new.owner_phone.is_empty() {
        None
    } else {
        let phone = names::parse_phone(&new.owner_phone)?;
        Some(users::by_phone(txn, &phone)?.ok_or(RpcError::PHONE_NUMBER_UNOCCUPIED)?)
    };
    let bot = bots::NewBot {
        name: names::parse_first_name(&new.name, &Limits::DEFAULT)?,
        username: bare_username(&new.username).to_owned(),
        owner,
    };
    let (_, token) = bots::create(txn, rng, now, &Limits::DEFAULT, bot)?;
    Ok(token)
}

fn bare_username(username: &str) -> &str {
    username.trim().trim_start_matches('@')
}

#[cfg(test)]
mod tests {
    use heliogram_crypto::SeededRandom;
    use heliogram_tl as tl;

    use super::*;
    use crate::fixture::Fixture;

    fn user(phone: &str, username: Option<&str>) -> NewUser {
        NewUser {
            phone: phone.to_owned(),
            first_name: "Ada".to_owned(),
            last_name: String::new(),
            username: username.map(str::to_owned),
            home: None,
        }
    }

    fn make(cloud: &mut Fixture, user: NewUser) -> Rpc<UserId> {
        let now = cloud.now;
        cloud.write(move |txn| create_user(txn, &mut SeededRandom::new(5), now, &user))
    }

    fn make_bot(cloud: &mut Fixture, username: &str, owner_phone: &str) -> Rpc<String> {
        let bot = NewBot {
            name: "Helper".to_owned(),
            username: username.to_owned(),
            owner_phone: owner_phone.to_owned(),
        };
        let now = cloud.now;
        cloud.write(move |txn| create_bot(txn, &mut SeededRandom::new(6), now, &bot))
    }

    #[test]
    fn a_person_is_made_once() {
        let mut cloud = Fixture::new();
        let ada = make(&mut cloud, user("+99966 12345", Some("@ada_1"))).expect("an account");
        let found = cloud.store.read(|db| users::by_phone(db, "9996612345"));
        assert_eq!(found.ok().flatten(), Some(ada));
        let again = make(&mut cloud, user("9996612345", None));
        assert_eq!(again, Err(RpcError::PHONE_NUMBER_OCCUPIED));
        let same_name = make(&mut cloud, user("9996612346", Some("ADA_1")));
        assert_eq!(same_name, Err(RpcError::USERNAME_OCCUPIED));
        let bad_name = make(&mut cloud, user("9996612346", Some("a")));
        assert_eq!(bad_name, Err(RpcError::USERNAME_INVALID));
    }

    #[test]
    fn the_token_of_a_new_bot_logs_it_in() {
        let mut cloud = Fixture::new();
        make(&mut cloud, user("9996612345", None)).expect("an owner");
        let unknown = make_bot(&mut cloud, "helper_bot", "9996654321");
        assert_eq!(unknown, Err(RpcError::PHONE_NUMBER_UNOCCUPIED));
        let no_bot = make_bot(&mut cloud, "helper", "");
        assert_eq!(no_bot, Err(RpcError::USERNAME_INVALID));

        let token = make_bot(&mut cloud, "@helper_bot", "9996612345").expect("a bot");
        cloud.key(1);
        let request = tl::auth::ImportBotAuthorization {
            api_id: 1,
            bot_auth_token: token.into(),
            ..Default::default()
        };
        assert!(cloud.call_stranger(request).is_ok());
    }
}
