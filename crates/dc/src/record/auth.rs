//! Keys, logins and passwords.

use std::fmt;

use heliogram_ids::{AuthKeyId, DcId, Layer, UserId};
use heliogram_store::record;
use minicbor::{Decode, Encode};

/// A permanent authorization key and the login that rests on it.
#[derive(Clone, Decode, Encode, Eq, PartialEq)]
pub(crate) struct AuthKeyRow {
    /// The 256 bytes of the key.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) key: Vec<u8>,
    #[n(1)]
    pub(crate) created: i32,
    /// Who is logged in.
    #[cbor(n(2), with = "heliogram_store::cbor", has_nil)]
    pub(crate) user: Option<UserId>,
    /// Who has given the code and still owes the password.
    #[cbor(n(3), with = "heliogram_store::cbor", has_nil)]
    pub(crate) password_pending: Option<UserId>,
    /// The layer last declared.
    #[cbor(n(4), with = "heliogram_store::cbor", has_nil)]
    pub(crate) layer: Option<Layer>,
    #[n(5)]
    pub(crate) client: Option<ClientInfo>,
    /// By which the owner names this login when ending it.
    #[n(6)]
    pub(crate) hash: i64,
    #[n(7)]
    pub(crate) logged_in: i32,
    #[n(8)]
    pub(crate) active: i32,
    #[n(9)]
    pub(crate) ip: String,
    /// Seed of the key's server salts.
    #[n(10)]
    pub(crate) salt_seed: i64,
    /// The data centre that the key was agreed upon with.
    #[cbor(n(11), with = "heliogram_store::cbor", has_nil)]
    pub(crate) dc: Option<DcId>,
}
record!(AuthKeyRow, version = 1);

impl fmt::Debug for AuthKeyRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthKeyRow")
            .field("user", &self.user)
            .field("layer", &self.layer)
            .finish_non_exhaustive()
    }
}

/// What a client says of itself in `initConnection`.
#[derive(Clone, Debug, Decode, Default, Encode, Eq, Hash, PartialEq)]
pub(crate) struct ClientInfo {
    #[n(0)]
    pub(crate) api_id: i32,
    #[n(1)]
    pub(crate) device_model: String,
    #[n(2)]
    pub(crate) system_version: String,
    #[n(3)]
    pub(crate) app_version: String,
    #[n(4)]
    pub(crate) system_lang_code: String,
    #[n(5)]
    pub(crate) lang_pack: String,
    #[n(6)]
    pub(crate) lang_code: String,
}

/// A login that has asked for a code.
#[derive(Clone, Decode, Encode, Eq, PartialEq)]
pub(crate) struct LoginCode {
    #[n(0)]
    pub(crate) code: String,
    #[n(1)]
    pub(crate) expires: i32,
    /// Wrong codes so far.
    #[n(2)]
    pub(crate) attempts: u32,
    /// The right code was given; the number may now sign up.
    #[n(3)]
    pub(crate) confirmed: bool,
    /// The key that it led to a login. It opens nothing more.
    #[cbor(n(4), with = "heliogram_store::cbor", has_nil)]
    pub(crate) used_by: Option<AuthKeyId>,
}
record!(LoginCode, version = 1);

impl LoginCode {
    /// Whether `code` is the one that was sent.
    pub(crate) fn is(&self, code: &str) -> bool {
        heliogram_crypto::constant_time_eq(self.code.as_bytes(), code.as_bytes())
    }
}

impl fmt::Debug for LoginCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginCode").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// Wrong codes that were given for a phone number, whichever question they were for.
#[derive(Clone, Copy, Debug, Decode, Default, Encode, Eq, PartialEq)]
pub(crate) struct WrongCodesRow {
    #[n(0)]
    pub(crate) count: u32,
    /// When they are forgotten.
    #[n(1)]
    pub(crate) until: i32,
}
record!(WrongCodesRow, version = 1);

/// A second factor: what SRP needs to check a password without knowing it.
#[derive(Clone, Decode, Encode, Eq, PartialEq)]
pub(crate) struct Password {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) salt1: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(crate) salt2: Vec<u8>,
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(crate) verifier: Vec<u8>,
    #[n(3)]
    pub(crate) hint: String,
}
record!(Password, version = 1);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Password").finish_non_exhaustive()
    }
}

/// A token by which a key without a login is to get one.
#[derive(Clone, Decode, Encode, Eq, PartialEq)]
pub(crate) struct LoginToken {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) secret: Vec<u8>,
    #[n(1)]
    pub(crate) expires: i32,
    /// Accounts that the device has already.
    #[n(2)]
    pub(crate) except: Vec<i64>,
    /// Who let the device in.
    #[cbor(n(3), with = "heliogram_store::cbor", has_nil)]
    pub(crate) accepted_by: Option<UserId>,
}
record!(LoginToken, version = 1);

impl fmt::Debug for LoginToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginToken")
            .field("expires", &self.expires)
            .field("accepted_by", &self.accepted_by)
            .finish_non_exhaustive()
    }
}
