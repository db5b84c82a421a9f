//! Bots: their tokens, their owners, their making.

use heliogram_crypto::{Random, constant_time_eq};
use heliogram_ids::{Timestamp, UserId};
use heliogram_store::engine::View;
use heliogram_store::{Prefix, Read, StoreError, Txn};

use super::{logins, users};
use crate::cx::Cx;
use crate::error::{Rpc, RpcError};
use crate::limits::Limits;
use crate::record::{BotCommand, BotProfile, UserRow};
use crate::tables::{OwnedBots, Users};

/// A bot before it is made. Name and username are parsed.
pub(crate) struct NewBot {
    pub(crate) name: String,
    pub(crate) username: String,
    pub(crate) owner: Option<UserId>,
}

/// The bot with a token.
///
/// # Errors
/// `ACCESS_TOKEN_INVALID`, whatever is wrong with it.
pub(crate) fn by_token(db: &dyn View, token: &str) -> Rpc<UserId> {
    let refused = RpcError::ACCESS_TOKEN_INVALID;
    let (id, secret) = token.split_once(':').ok_or_else(|| refused.clone())?;
    let id = id.parse().ok().and_then(UserId::new).ok_or_else(|| refused.clone())?;
    let row = users::find(db, id)?.filter(|row| !row.deleted);
    let bot = row.and_then(|row| row.bot).ok_or_else(|| refused.clone())?;
    // The bots of the cloud itself have no secret, and nobody logs in to them.
    let right = bot.secret.len() == SECRET_CHARS
        && constant_time_eq(bot.secret.as_bytes(), secret.as_bytes());
    if right { Ok(id) } else { Err(refused) }
}

/// The token of a bot.
pub(crate) fn token(id: UserId, bot: &BotProfile) -> String {
    format!("{id}:{}", bot.secret)
}

/// Makes a bot.
///
/// # Errors
/// `USERNAME_INVALID` if it is no username of a bot, `USERNAME_OCCUPIED`; `USERS_TOO_MUCH` if the
/// owner has as many bots as one may have.
pub(crate) fn create(
    txn: &mut Txn,
    rng: &mut dyn Random,
    now: Timestamp,
    limits: &Limits,
    new: NewBot,
) -> Rpc<(UserId, String)> {
    if !is_valid_bot_username(&new.username) {
        return Err(RpcError::USERNAME_INVALID);
    }
    if let Some(owner) = new.owner
        && owned(txn, owner)?.len() >= limits.bots_per_owner_max
    {
        return Err(RpcError::USERS_TOO_MUCH);
    }
    // A bot lives where its owner does.
    let home = match new.owner {
        Some(owner) => users::require(txn, owner)?.home,
        None => None,
    };
    let bot = BotProfile { owner: new.owner, secret: new_secret(rng), ..profile() };
    let row = UserRow {
        first_name: new.name,
        username: Some(new.username),
        created: now.unix(),
        bot: Some(bot.clone()),
        home,
        ..UserRow::default()
    };
    let id = users::create(txn, rng, &row)?;
    if let Some(owner) = new.owner {
        txn.put::<OwnedBots>(&(owner, id), &())?;
    }
    Ok((id, token(id, &bot)))
}

/// A bot that has nothing to say of itself and no token.
pub(crate) const fn profile() -> BotProfile {
    BotProfile {
        owner: None,
        secret: String::new(),
        description: String::new(),
        info_version: 1,
        inline_placeholder: None,
        sees_all: false,
        nochats: false,
    }
}

/// The bots of a person, the oldest id first.
pub(crate) fn owned(db: &dyn View, owner: UserId) -> Result<Vec<UserId>, StoreError> {
    db.range::<OwnedBots>(Prefix(owner)).map(|row| row.map(|((_, bot), ())| bot)).collect()
}

/// Changes what a bot shows; clients notice by its version.
///
/// # Errors
/// `BOT_INVALID` if there is no such bot.
pub(crate) fn update(
    txn: &mut Txn,
    id: UserId,
    change: impl FnOnce(&mut UserRow),
) -> Rpc<BotProfile> {
    let mut row = users::find(txn, id)?.ok_or(RpcError::BOT_INVALID)?;
    change(&mut row);
    let bot = row.bot.as_mut().ok_or(RpcError::BOT_INVALID)?;
    bot.info_version = bot.info_version.wrapping_add(1).max(1);
    let bot = bot.clone();
    txn.put::<Users>(&id, &row)?;
    Ok(bot)
}

/// Gives a bot another token; whoever logged in with the old one is cut off.
pub(crate) fn revoke<M>(cx: &mut Cx<'_, Txn, M>, id: UserId) -> Rpc<String> {
    let secret = new_secret(cx.rng);
    let bot = update(cx.db, id, |row| {
        if let Some(bot) = &mut row.bot {
            bot.secret = secret;
        }
    })?;
    logins::end_others(cx, id, None)?;
    Ok(token(id, &bot))
}

/// Takes a bot away: its username is free, its logins end, and its messages stay.
pub(crate) fn delete<M>(cx: &mut Cx<'_, Txn, M>, id: UserId) -> Rpc<()> {
    logins::end_others(cx, id, None)?;
    users::release_username(cx.db, id)?;
    let bot = update(cx.db, id, |row| {
        row.deleted = true;
        row.first_name.clear();
        row.last_name.clear();
        row.about.clear();
        if let Some(bot) = &mut row.bot {
            bot.secret.clear();
        }
    })?;
    if let Some(owner) = bot.owner {
        cx.db.delete::<OwnedBots>(&(owner, id))?;
    }
    Ok(())
}

/// Whether a bot may be called so: a username that ends in `bot`.
pub(crate) fn is_valid_bot_username(username: &str) -> bool {
    users::is_valid_username(username) && username.to_ascii_lowercase().ends_with("bot")
}

/// One command of a bot: 1 to 32 lower-case letters, digits and underscores, and a description of 1
/// to 256 characters.
///
/// # Errors
/// `BOT_COMMAND_INVALID`, `BOT_COMMAND_DESCRIPTION_INVALID`.
pub(crate) fn parse_command(command: &str, description: &str) -> Rpc<BotCommand> {
    let command = command.trim().trim_start_matches('/');
    let is_name = (1..=32).contains(&command.len())
        && command.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_');
    if !is_name {
        return Err(RpcError::BOT_COMMAND_INVALID);
    }
    let description = description.trim();
    if !(1..=256).contains(&description.chars().count()) {
        return Err(RpcError::BOT_COMMAND_DESCRIPTION_INVALID);
    }
    Ok(BotCommand { command: command.to_owned(), description: description.to_owned() })
}

/// Longest text that is shown in an empty chat with a bot.
pub(crate) const DESCRIPTION_CHARS_MAX: usize = 512;
/// Longest profile text of a bot.
pub(crate) const ABOUT_CHARS_MAX: usize = 120;

fn new_secret(rng: &mut dyn Random) -> String {
    let letter = |_| {
        let index = usize::try_from(rng.below(64)).unwrap_or(0);
        char::from(BASE64_URL.get(index).copied().unwrap_or(b'A'))
    };
    (0..SECRET_CHARS).map(letter).collect()
}

const BASE64_URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
// Seen: aiogram and python-telegram-bot check tokens against a pattern of 35 characters.
const SECRET_CHARS: usize = 35;
