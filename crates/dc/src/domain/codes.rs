//! Login codes: asked for with a phone number, delivered on another way, given back.

use std::time::Duration;

use heliogram_ids::{Timestamp, UserId};
use heliogram_store::{Prefix, Read};

use super::logins;
use crate::config::Mode;
use crate::cx::StrangerWriting;
use crate::domain::text::{Text, utf16_len};
use crate::domain::users;
use crate::error::{Rpc, RpcError};
use crate::fanout::Effect;
use crate::record::{Entity, EntityKind, LoginCode, WrongCodesRow};
use crate::tables::{LoginCodes, WrongCodes};

/// A code on its way.
pub(crate) struct Asked {
    /// By which the client names this question.
    pub(crate) hash: String,
    /// Digits of the code.
    pub(crate) length: usize,
    /// The account is logged in elsewhere and reads the code there.
    pub(crate) in_app: bool,
}

/// Makes a code for a phone number and sends it off.
///
/// # Errors
/// `FLOOD_WAIT_X` in production if too many codes of the number are open, and `PHONE_NUMBER_FLOOD`
/// after too many wrong ones; a development server forgets the oldest instead.
pub(crate) fn ask(cx: &mut StrangerWriting<'_>, phone: &str) -> Rpc<Asked> {
    require_few_guesses(cx, phone)?;
    make_room(cx, phone)?;
    let hash = format!("{:016x}", cx.rng.u64());
    let row = LoginCode {
        code: new_code(cx, phone),
        expires: (cx.now + cx.world.limits().login_code_ttl).unix(),
        attempts: 0,
        confirmed: false,
        used_by: None,
    };
    cx.db.put::<LoginCodes>(&(phone.to_owned(), hash.clone()), &row)?;
    send(cx, phone, hash, &row)
}

/// Sends the code of an open question once more.
///
/// # Errors
/// `PHONE_CODE_HASH_EMPTY`, `PHONE_CODE_EXPIRED`.
pub(crate) fn ask_again(cx: &mut StrangerWriting<'_>, phone: &str, hash: &str) -> Rpc<Asked> {
    let (key, mut row) = open(cx, phone, hash)?;
    row.expires = (cx.now + cx.world.limits().login_code_ttl).unix();
    cx.db.put::<LoginCodes>(&key, &row)?;
    send(cx, phone, hash.to_owned(), &row)
}

/// Compares the code that came back. A right one may be used for a sign-up from then on; a wrong
/// one counts, and too many of them use the question up.
///
/// # Errors
/// `PHONE_CODE_EMPTY`, `PHONE_CODE_INVALID`, `PHONE_CODE_EXPIRED`, `PHONE_CODE_HASH_EMPTY`, and
/// `PHONE_NUMBER_FLOOD` as for [`ask`].
pub(crate) fn confirm(
    cx: &mut StrangerWriting<'_>,
    phone: &str,
    hash: &str,
    code: &str,
) -> Rpc<()> {
    if code.is_empty() {
        return Err(RpcError::PHONE_CODE_EMPTY);
    }
    let (key, mut row) = open(cx, phone, hash)?;
    require_few_guesses(cx, phone)?;
    if !row.is(code) {
        row.attempts += 1;
        cx.db.put::<LoginCodes>(&key, &row)?;
        note_guess(cx, phone)?;
        return Err(cx.outbox.keep(RpcError::PHONE_CODE_INVALID));
    }
    row.confirmed = true;
    Ok(cx.db.put::<LoginCodes>(&key, &row)?)
}

/// Whether the right code was given to an open question.
///
/// # Errors
/// `PHONE_CODE_EMPTY` if not; `PHONE_CODE_EXPIRED`, `PHONE_CODE_HASH_EMPTY`.
pub(crate) fn require_confirmed(cx: &StrangerWriting<'_>, phone: &str, hash: &str) -> Rpc<()> {
    let (_, row) = open(cx, phone, hash)?;
    if row.confirmed { Ok(()) } else { Err(RpcError::PHONE_CODE_EMPTY) }
}

/// Notes that a question has led the caller's key to a login, or to a password that it owes.
///
/// # Errors
/// `PHONE_CODE_EXPIRED`, `PHONE_CODE_HASH_EMPTY`.
pub(crate) fn use_up(cx: &mut StrangerWriting<'_>, phone: &str, hash: &str) -> Rpc<()> {
    let (key, mut row) = open(cx, phone, hash)?;
    row.used_by = Some(cx.caller.auth_key);
    Ok(cx.db.put::<LoginCodes>(&key, &row)?)
}

/// Whether it was the caller's key that used a question up, with this code if one is given.
pub(crate) fn is_used_by_caller(
    cx: &StrangerWriting<'_>,
    phone: &str,
    hash: &str,
    code: Option<&str>,
) -> Rpc<bool> {
    let row = cx.db.get::<LoginCodes>(&(phone.to_owned(), hash.to_owned()))?;
    Ok(row.is_some_and(|row| {
        row.used_by == Some(cx.caller.auth_key)
            && row.expires > cx.now.unix()
            && code.is_none_or(|code| row.is(code))
    }))
}

/// Forgets an open question.
///
/// # Errors
/// `PHONE_CODE_EXPIRED`, `PHONE_CODE_HASH_EMPTY`.
pub(crate) fn forget(cx: &mut StrangerWriting<'_>, phone: &str, hash: &str) -> Rpc<()> {
    let (key, _) = open(cx, phone, hash)?;
    Ok(cx.db.delete::<LoginCodes>(&key)?)
}

fn open(cx: &StrangerWriting<'_>, phone: &str, hash: &str) -> Rpc<((String, String), LoginCode)> {
    if hash.is_empty() {
        return Err(RpcError::PHONE_CODE_HASH_EMPTY);
    }
    let key = (phone.to_owned(), hash.to_owned());
    let row = cx.db.get::<LoginCodes>(&key)?.ok_or(RpcError::PHONE_CODE_EXPIRED)?;
    let is_guessed = row.attempts >= cx.world.limits().login_attempts_max;
    if row.used_by.is_some() || row.expires <= cx.now.unix() || is_guessed {
        return Err(RpcError::PHONE_CODE_EXPIRED);
    }
    Ok((key, row))
}

/// Refuses a number whose codes were guessed too often: five guesses at each of ever new codes
/// would come to something in the end.
fn require_few_guesses(cx: &StrangerWriting<'_>, phone: &str) -> Rpc<()> {
    let wrong = cx.db.get::<WrongCodes>(&phone.to_owned())?.unwrap_or_default();
    let is_guessed = wrong.count >= cx.world.limits().wrong_codes_max
        && wrong.until > cx.now.unix()
        && cx.world.config.mode == Mode::Production;
    if is_guessed { Err(RpcError::PHONE_NUMBER_FLOOD) } else { Ok(()) }
}

fn note_guess(cx: &mut StrangerWriting<'_>, phone: &str) -> Rpc<()> {
    let phone = phone.to_owned();
    let before = cx.db.get::<WrongCodes>(&phone)?.filter(|row| row.until > cx.now.unix());
    let until = (cx.now + cx.world.limits().wrong_codes_span).unix();
    let before = before.unwrap_or(WrongCodesRow { count: 0, until });
    let row = WrongCodesRow { count: before.count.saturating_add(1), ..before };
    Ok(cx.db.put::<WrongCodes>(&phone, &row)?)
}

/// Questions that were guessed at stay until they run out, so that guessing on is bounded by time.
/// Those that led to a login stay as long, and take nobody's room.
fn make_room(cx: &mut StrangerWriting<'_>, phone: &str) -> Rpc<()> {
    let now = cx.now.unix();
    let mut open = Vec::new();
    for row in cx.db.range::<LoginCodes>(Prefix(phone.to_owned())) {
        let (key, row) = row?;
        if row.expires <= now || row.used_by.is_none() {
            open.push((row.expires, key));
        }
    }
    open.sort();
    let room = cx.world.limits().login_codes_max;
    while let Some((expires, key)) = open.first().cloned() {
        if expires > now && open.len() < room {
            break;
        }
        if expires > now && cx.world.config.mode == Mode::Production {
            return Err(RpcError::flood_wait(wait_for(expires, cx.now)));
        }
        cx.db.delete::<LoginCodes>(&key)?;
        open.remove(0);
    }
    Ok(())
}

fn wait_for(unix: i32, now: Timestamp) -> Duration {
    Duration::from_secs(u64::try_from(unix - now.unix()).unwrap_or(0))
}

/// Test numbers of a development server have codes that follow from the number.
fn new_code(cx: &mut StrangerWriting<'_>, phone: &str) -> String {
    if cx.world.config.mode == Mode::Development
        && let Some(digit) = test_digit(phone)
    {
        return digit.to_string().repeat(CODE_DIGITS);
    }
    format!("{:0width$}", cx.rng.below(10_u64.pow(5)), width = CODE_DIGITS)
}

/// `X` of a test number 99966XYYYY.
fn test_digit(phone: &str) -> Option<char> {
    let rest = phone.strip_prefix("99966").filter(|rest| rest.len() == 5)?;
    rest.chars().next()
}

fn send(cx: &mut StrangerWriting<'_>, phone: &str, hash: String, row: &LoginCode) -> Rpc<Asked> {
    let user = users::by_phone(cx.db, phone)?;
    let mut in_app = false;
    if let Some(user) = user {
        in_app = !logins::keys_of(cx.db, user)?.is_empty();
        tell_code(cx, user, &row.code)?;
    }
    let (phone, code) = (phone.to_owned(), row.code.clone());
    cx.outbox.then(Effect::DeliverCode { phone, code });
    Ok(Asked { hash, length: row.code.len(), in_app })
}

// Seen: bots and tests find the code as the first run of digits in the message.
fn tell_code(cx: &mut StrangerWriting<'_>, user: UserId, code: &str) -> Rpc<()> {
    let head = "Login code: ";
    let text = format!(
        "{head}{code}. Never give this code to anybody, whoever they say they are.\n\nIt opens your \
         account on a new device. If you did not ask for it, ignore this message."
    );
    let bold = Entity { offset: utf16_len(head), length: utf16_len(code), kind: EntityKind::Bold };
    logins::tell(cx, user, Text::formatted(text, vec![bold]))
}

const CODE_DIGITS: usize = 5;
