//! `account.getPassword`.

use heliogram_crypto::dh;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::StrangerReading;
use crate::domain::{logins, passwords};
use crate::error::{Rpc, RpcError};

/// `account.getPassword`: a challenge for the present password, and salts for another one.
///
/// Also for a key that has shown its code and owes the password. The numbers are kept for some
/// minutes and replace those of an earlier call on the same key.
///
/// # Errors
/// `AUTH_KEY_UNREGISTERED`.
pub(super) fn get_password(
    cx: &mut StrangerReading<'_>,
    _: tl::account::GetPassword,
) -> Rpc<tl::account::Password> {
    let key = cx.caller.auth_key;
    let user = match cx.me {
        Some(me) => me,
        None => {
            let pending = logins::require(cx.db, key)?.password_pending;
            pending.ok_or(RpcError::AUTH_KEY_UNREGISTERED)?
        }
    };
    let challenges = &cx.world.challenges;
    challenges.expire(cx.now);
    let expires = cx.now + cx.world.limits().srp_ttl;

    let offer = challenges.offer(key, expires, cx.rng);
    let mut answer = types::account::Password {
        new_algo: algo(offer.salt1, offer.salt2),
        new_secure_algo: secure_algo(cx),
        secure_random: random(cx, 256),
        ..Default::default()
    };
    if let Some(password) = passwords::find(cx.db, user)? {
        let asked = challenges.ask(key, user, password, expires, cx.rng)?;
        answer.has_password = true;
        answer.current_algo = Some(algo(asked.params.salt1, asked.params.salt2));
        answer.srp_b = Some(asked.srp_b.to_vec().into());
        answer.srp_id = Some(asked.id);
        answer.hint = (!asked.hint.is_empty()).then(|| asked.hint.into());
    }
    Ok(answer.into())
}

fn algo(salt1: Vec<u8>, salt2: Vec<u8>) -> tl::PasswordKdfAlgo {
    types::PasswordKdfAlgoSha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow {
        salt1: salt1.into(),
        salt2: salt2.into(),
        g: passwords::GENERATOR,
        p: dh::PRIME.to_vec().into(),
    }
    .into()
}

// Seen: TDLib refuses the whole answer without an algorithm for documents, which it may never use.
fn secure_algo(cx: &mut StrangerReading<'_>) -> tl::SecurePasswordKdfAlgo {
    types::SecurePasswordKdfAlgoPbkdf2Hmacsha512iter100000 { salt: random(cx, 8) }.into()
}

fn random(cx: &mut StrangerReading<'_>, bytes: usize) -> tl::Bytes {
    let mut fresh = vec![0; bytes];
    cx.rng.fill(&mut fresh);
    fresh.into()
}
