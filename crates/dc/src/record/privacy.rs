//! Who may see what of an account.

use heliogram_ids::UserId;
use heliogram_store::record;
use minicbor::{Decode, Encode};

/// The rules of one thing, tried in order; the first that speaks of the viewer decides.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) struct PrivacyRules {
    #[n(0)]
    pub(crate) rules: Vec<PrivacyRule>,
}
record!(PrivacyRules, version = 1);

/// One rule: whom it speaks of, and whether they may.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) struct PrivacyRule {
    #[n(0)]
    pub(crate) allow: bool,
    #[n(1)]
    pub(crate) whom: Audience,
}

/// Whom a rule speaks of.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) enum Audience {
    #[n(0)]
    Everybody,
    #[n(1)]
    Contacts,
    #[n(2)]
    Users(#[cbor(n(0), with = "heliogram_store::cbor")] Vec<UserId>),
    #[n(3)]
    Bots,
}

/// What a set of rules is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum PrivacyKey {
    StatusTimestamp = 1,
    ChatInvite,
    PhoneCall,
    PhoneP2P,
    Forwards,
    ProfilePhoto,
    PhoneNumber,
    AddedByPhone,
    VoiceMessages,
    About,
    Birthday,
    StarGiftsAutoSave,
    NoPaidMessages,
    SavedMusic,
}

impl PrivacyKey {
    /// The number that stands for it in a key.
    pub(crate) const fn number(self) -> u8 {
        self as u8
    }
}
