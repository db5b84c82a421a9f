//! A person or a bot.

use heliogram_ids::{DcId, FileId};
use heliogram_store::record;
use minicbor::{Decode, Encode};

use super::BotProfile;

/// An account: a person, a bot or a service of the cloud itself.
#[derive(Clone, Debug, Decode, Default, Encode, Eq, PartialEq)]
pub(crate) struct UserRow {
    #[n(0)]
    pub(crate) first_name: String,
    #[n(1)]
    pub(crate) last_name: String,
    /// As the owner spells it; uniqueness ignores case.
    #[n(2)]
    pub(crate) username: Option<String>,
    /// Digits only; bots have none.
    #[n(3)]
    pub(crate) phone: Option<String>,
    #[n(4)]
    pub(crate) about: String,
    #[n(5)]
    pub(crate) created: i32,
    #[n(6)]
    pub(crate) deleted: bool,
    /// An account of the cloud itself: 777000, BotFather.
    #[n(7)]
    pub(crate) support: bool,
    #[n(8)]
    pub(crate) bot: Option<BotProfile>,
    /// The current profile photo.
    #[cbor(n(9), with = "heliogram_store::cbor", has_nil)]
    pub(crate) photo: Option<FileId>,
    /// The data centre that the account was made in.
    #[cbor(n(10), with = "heliogram_store::cbor", has_nil)]
    pub(crate) home: Option<DcId>,
}
record!(UserRow, version = 1);

impl UserRow {
    pub(crate) const fn is_bot(&self) -> bool {
        self.bot.is_some()
    }
}
