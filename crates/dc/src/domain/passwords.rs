//! The second factor: proofs of a password that the server never learns.

use std::collections::BTreeMap;

use heliogram_crypto::{Random, dh, srp};
use heliogram_ids::{AuthKeyId, Timestamp, UserId};
use heliogram_store::Read;
use heliogram_store::engine::View;
use parking_lot::Mutex;

use crate::error::{Rpc, RpcError};
use crate::limits::Limits;
use crate::record::Password;
use crate::tables::Passwords;

/// What was asked and offered and is not answered yet. Lost in a restart: clients ask again.
#[derive(Default)]
pub(crate) struct Challenges {
    open: Mutex<BTreeMap<AuthKeyId, Open>>,
    offers: Mutex<BTreeMap<AuthKeyId, Offer>>,
    wrong: Mutex<BTreeMap<UserId, Wrong>>,
    /// When what ran out was last looked for. All that is read is asked for its time, too.
    looked_at: Mutex<Option<Timestamp>>,
}

/// One question for a password.
struct Open {
    id: i64,
    user: UserId,
    expires: Timestamp,
    /// The row at that time: a password that was changed since is another.
    password: Password,
    challenge: srp::Challenge,
}

/// The salts with which a new password is to be set.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) salt1: Vec<u8>,
    pub(crate) salt2: Vec<u8>,
    expires: Timestamp,
}

/// Wrong proofs of one account.
#[derive(Clone, Copy)]
struct Wrong {
    count: u32,
    until: Timestamp,
}

/// A question as the client gets it.
pub(crate) struct Asked {
    pub(crate) id: i64,
    pub(crate) srp_b: [u8; 256],
    pub(crate) params: srp::Params,
    pub(crate) hint: String,
}

/// An answer to a question.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proof<'a> {
    pub(crate) id: i64,
    pub(crate) a: &'a [u8],
    pub(crate) m1: &'a [u8],
}

/// Whose password was proved, and which: between the proof and what it allows, another may be set.
#[derive(Clone, Debug)]
pub(crate) struct Proven {
    user: UserId,
    password: Password,
}

impl Proven {
    /// Whether this is a proof of the password that `user` has now.
    ///
    /// # Errors
    /// `SRP_PASSWORD_CHANGED` if not.
    pub(crate) fn require(proven: Option<&Self>, user: UserId, now: &Password) -> Rpc<()> {
        let holds = |proven: &Self| proven.user == user && proven.password == *now;
        if proven.is_some_and(holds) { Ok(()) } else { Err(RpcError::SRP_PASSWORD_CHANGED) }
    }
}

/// A new password as the client made it.
pub(crate) struct New<'a> {
    pub(crate) salt1: &'a [u8],
    pub(crate) salt2: &'a [u8],
    pub(crate) g: i32,
    pub(crate) p: &'a [u8],
    pub(crate) verifier: &'a [u8],
    pub(crate) hint: &'a str,
}

/// The second factor of an account, if it has one.
pub(crate) fn find(db: &dyn View, user: UserId) -> Rpc<Option<Password>> {
    Ok(db.get::<Passwords>(&user)?)
}

impl Challenges {
    /// Asks the holder of `key` for the password of `user`; an earlier question is void.
    pub(crate) fn ask(
        &self,
        key: AuthKeyId,
        user: UserId,
        password: Password,
        expires: Timestamp,
        rng: &mut dyn Random,
    ) -> Rpc<Asked> {
        let params = params(&password);
        let verifier = password.verifier.as_slice().try_into().map_err(|_| RpcError::INTERNAL)?;
        let challenge =
            srp::Challenge::new(verifier, &params, rng).map_err(|_| RpcError::INTERNAL)?;
        let id = rng.i64();
        let asked = Asked { id, srp_b: *challenge.srp_b(), params, hint: password.hint.clone() };
        self.open.lock().insert(key, Open { id, user, expires, password, challenge });
        Ok(asked)
    }

    /// Offers salts for a new password; the first is for the client to lengthen.
    pub(crate) fn offer(&self, key: AuthKeyId, expires: Timestamp, rng: &mut dyn Random) -> Offer {
        let mut offer = Offer { salt1: vec![0; 8], salt2: vec![0; 16], expires };
        rng.fill(&mut offer.salt1);
        rng.fill(&mut offer.salt2);
        self.offers.lock().insert(key, offer.clone());
        offer
    }

    /// Forgets what nobody answered in time.
    pub(crate) fn expire(&self, now: Timestamp) {
        let mut looked_at = self.looked_at.lock();
        if looked_at.is_some_and(|last| now.saturating_since(last) < LOOK_AGAIN) {
            return;
        }
        *looked_at = Some(now);
        drop(looked_at);
        self.open.lock().retain(|_, open| open.expires > now);
        self.offers.lock().retain(|_, offer| offer.expires > now);
        self.wrong.lock().retain(|_, wrong| wrong.until > now);
    }

    /// Whether the holder of `key` has proved the password of `user`. A question can be answered
    /// once, and wrong answers are counted.
    ///
    /// # Errors
    /// `PASSWORD_HASH_INVALID`, `SRP_ID_INVALID`, `SRP_PASSWORD_CHANGED`, `FLOOD_WAIT_X`.
    pub(crate) fn check(
        &self,
        now: Timestamp,
        limits: &Limits,
        key: AuthKeyId,
        user: UserId,
        password: &Password,
        proof: Option<Proof<'_>>,
    ) -> Rpc<Proven> {
        self.expire(now);
        if let Some(wrong) = self.wrong.lock().get(&user)
            && wrong.count >= limits.password_attempts_max
            && wrong.until > now
        {
            return Err(RpcError::flood_wait(wrong.until.saturating_since(now)));
        }
        let proof = proof.ok_or(RpcError::PASSWORD_HASH_INVALID)?;
        let open = {
            let mut all = self.open.lock();
            let is_meant =
                |open: &Open| open.id == proof.id && open.user == user && open.expires > now;
            if !all.get(&key).is_some_and(is_meant) {
                return Err(RpcError::SRP_ID_INVALID);
            }
            all.remove(&key).ok_or(RpcError::SRP_ID_INVALID)?
        };
        if open.password != *password {
            return Err(RpcError::SRP_PASSWORD_CHANGED);
        }
        if open.challenge.check(proof.a, proof.m1) {
            self.wrong.lock().remove(&user);
            return Ok(Proven { user, password: open.password });
        }
        let mut all = self.wrong.lock();
        let fresh = Wrong { count: 0, until: now + limits.srp_ttl };
        let wrong = all.entry(user).or_insert(fresh);
        if wrong.until <= now {
            *wrong = fresh;
        }
        wrong.count += 1;
        Err(RpcError::PASSWORD_HASH_INVALID)
    }

    /// Checks a new password against the salts that were offered to `key`.
    ///
    /// # Errors
    /// `NEW_SALT_INVALID`, `NEW_SETTINGS_INVALID`.
    pub(crate) fn parse_new(&self, now: Timestamp, key: AuthKeyId, new: &New<'_>) -> Rpc<Password> {
        self.expire(now);
        let offers = self.offers.lock();
        let offer = offers.get(&key).filter(|offer| offer.expires > now);
        let offer = offer.ok_or(RpcError::NEW_SALT_INVALID)?;
        let is_lengthened = new.salt1.starts_with(&offer.salt1)
            && new.salt1.len() > offer.salt1.len()
            && new.salt1.len() <= SALT_BYTES_MAX;
        if !is_lengthened || new.salt2 != offer.salt2 {
            return Err(RpcError::NEW_SALT_INVALID);
        }
        if new.g != GENERATOR || new.p != dh::PRIME {
            return Err(RpcError::NEW_SETTINGS_INVALID);
        }
        let password = Password {
            salt1: new.salt1.to_vec(),
            salt2: new.salt2.to_vec(),
            verifier: new.verifier.to_vec(),
            hint: new.hint.chars().take(HINT_CHARS_MAX).collect(),
        };
        srp::parse_verifier(&password.verifier, &params(&password))
            .map_err(|_| RpcError::NEW_SETTINGS_INVALID)?;
        if password.verifier.len() != 256 {
            return Err(RpcError::NEW_SETTINGS_INVALID);
        }
        Ok(password)
    }
}

/// The numbers of an account's password. All accounts share the group.
fn params(password: &Password) -> srp::Params {
    let (salt1, salt2) = (password.salt1.clone(), password.salt2.clone());
    srp::Params { salt1, salt2, g: GENERATOR, p: *dh::PRIME }
}

/// The generator of [`dh::PRIME`] as the wire carries it.
pub(crate) const GENERATOR: i32 = 3;
/// What was offered, and the 32 bytes that clients add, with some room.
const SALT_BYTES_MAX: usize = 128;
const HINT_CHARS_MAX: usize = 255;
/// How long after a look for what ran out there is no other: each takes as long as there are open
/// questions.
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_holds_for_one_account_and_for_the_password_of_that_moment() {
        let user = |id| UserId::new(id).expect("a positive id");
        let password = |hint: &str| Password {
            salt1: vec![1],
            salt2: vec![2],
            verifier: vec![3],
            hint: hint.to_owned(),
        };
        let proven = Proven { user: user(7), password: password("old") };
        let check = |proven, id, hint| Proven::require(proven, user(id), &password(hint));
        let changed = Err(RpcError::SRP_PASSWORD_CHANGED);
        assert_eq!(check(Some(&proven), 7, "old"), Ok(()));
        assert_eq!(check(Some(&proven), 8, "old"), changed);
        assert_eq!(check(Some(&proven), 7, "new"), changed);
        assert_eq!(check(None, 7, "old"), changed, "set after there was none to prove");
    }
}
