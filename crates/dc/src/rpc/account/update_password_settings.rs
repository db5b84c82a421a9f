//! `account.updatePasswordSettings`.

use heliogram_tl as tl;

use crate::cx::{StrangerReading, StrangerWriting};
use crate::domain::passwords::{self, New, Proven};
use crate::error::{Rpc, RpcError};
use crate::record::Password;
use crate::rpc::input;
use crate::tables::Passwords;

/// Checks the proof of [`update_password_settings`], where there is a password.
pub(super) fn prove(
    cx: &mut StrangerReading<'_>,
    req: &tl::account::UpdatePasswordSettings,
) -> Rpc<Option<Proven>> {
    let me = cx.me.ok_or(RpcError::AUTH_KEY_UNREGISTERED)?;
    let Some(present) = passwords::find(cx.db, me)? else { return Ok(None) };
    let (key, proof) = (cx.caller.auth_key, input::password(&req.password));
    let challenges = &cx.world.challenges;
    challenges.check(cx.now, cx.world.limits(), key, me, &present, proof).map(Some)
}

/// `account.updatePasswordSettings`: sets, changes or removes the second factor.
///
/// Who has a password proves it first. There is no recovery by mail, so an address is refused.
///
/// # Errors
/// `PASSWORD_HASH_INVALID`, `SRP_ID_INVALID`, `SRP_PASSWORD_CHANGED`, `FLOOD_WAIT_X`,
/// `EMAIL_INVALID`, `NEW_SALT_INVALID`, `NEW_SETTINGS_INVALID`.
pub(super) fn update_password_settings(
    cx: &mut StrangerWriting<'_>,
    req: tl::account::UpdatePasswordSettings,
    proven: Option<&Proven>,
) -> Rpc<bool> {
    let me = cx.me.ok_or(RpcError::AUTH_KEY_UNREGISTERED)?;
    if let Some(present) = passwords::find(cx.db, me)? {
        Proven::require(proven, me, &present)?;
    }
    let tl::account::PasswordInputSettings::PasswordInputSettings(new) = req.new_settings;
    if new.email.as_ref().is_some_and(|email| !email.is_empty()) {
        return Err(RpcError::EMAIL_INVALID);
    }
    let hash = new.new_password_hash.clone().unwrap_or_default();
    match &new.new_algo {
        None => {}
        Some(_) if hash.is_empty() => cx.db.delete::<Passwords>(&me)?,
        Some(algo) => {
            let password = parse(cx, algo, &hash, new.hint.as_deref().unwrap_or_default())?;
            cx.db.put::<Passwords>(&me, &password)?;
        }
    }
    Ok(true)
}

fn parse(
    cx: &StrangerWriting<'_>,
    algo: &tl::PasswordKdfAlgo,
    hash: &[u8],
    hint: &str,
) -> Rpc<Password> {
    use tl::PasswordKdfAlgo as A;
    let A::PasswordKdfAlgoSha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow(algo) = algo else {
        return Err(RpcError::NEW_SETTINGS_INVALID);
    };
    let new =
        New { salt1: &algo.salt1, salt2: &algo.salt2, g: algo.g, p: &algo.p, verifier: hash, hint };
    cx.world.challenges.parse_new(cx.now, cx.caller.auth_key, &new)
}
