//! `account.updatePasswordSettings`.

use heliogram_store::Txn;
use heliogram_tl as tl;

use crate::cx::Cx;
use crate::cx::Writing;
use crate::domain::passwords::{self, New};
use crate::error::{Rpc, RpcError};
use crate::record::Password;
use crate::rpc::input;
use crate::tables::Passwords;

/// `account.updatePasswordSettings`: sets, changes or removes the second factor.
///
/// Who has a password proves it first. There is no recovery by mail, so an address is refused.
///
/// # Errors
/// `PASSWORD_HASH_INVALID`, `SRP_ID_INVALID`, `SRP_PASSWORD_CHANGED`, `FLOOD_WAIT_X`,
/// `EMAIL_INVALID`, `NEW_SALT_INVALID`, `NEW_SETTINGS_INVALID`.
pub(super) fn update_password_settings(
    cx: &mut Writing<'_>,
    req: tl::account::UpdatePasswordSettings,
) -> Rpc<bool> {
    let key = cx.caller.auth_key;
    if let Some(present) = passwords::find(cx.db, cx.me)? {
        let proof = input::password(&req.password);
        cx.world.challenges.check(cx.now, cx.world.limits(), key, cx.me, &present, proof)?;
    }
    let tl::account::PasswordInputSettings::PasswordInputSettings(new) = req.new_settings;
    if new.email.as_ref().is_some_and(|email| !email.is_empty()) {
        return Err(RpcError::EMAIL_INVALID);
    }
    let hash = new.new_password_hash.clone().unwrap_or_default();
    match &new.new_algo {
        None => {}
        Some(_) if hash.is_empty() => cx.db.delete::<Passwords>(&cx.me)?,
        Some(algo) => {
            let password = parse(cx, algo, &hash, new.hint.as_deref().unwrap_or_default())?;
            cx.db.put::<Passwords>(&cx.me, &password)?;
        }
    }
    Ok(true)
}

fn parse(cx: &Cx<'_, Txn>, algo: &tl::PasswordKdfAlgo, hash: &[u8], hint: &str) -> Rpc<Password> {
    use tl::PasswordKdfAlgo as A;
    let A::PasswordKdfAlgoSha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow(algo) = algo else {
        return Err(RpcError::NEW_SETTINGS_INVALID);
    };
    let new =
        New { salt1: &algo.salt1, salt2: &algo.salt2, g: algo.g, p: &algo.p, verifier: hash, hint };
    cx.world.challenges.parse_new(cx.now, cx.caller.auth_key, &new)
}
