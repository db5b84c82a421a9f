//! Formatting of a text, in UTF-16 units as the wire counts them.

use heliogram_ids::{FileId, UserId};
use minicbor::{Decode, Encode};

/// One stretch of formatted text.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) struct Entity {
    #[n(0)]
    pub(crate) offset: u32,
    #[n(1)]
    pub(crate) length: u32,
    #[n(2)]
    pub(crate) kind: EntityKind,
}

/// What a stretch of text is.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) enum EntityKind {
    #[n(0)]
    Mention,
    #[n(1)]
    Hashtag,
    #[n(2)]
    BotCommand,
    #[n(3)]
    Url,
    #[n(4)]
    Email,
    #[n(5)]
    Bold,
    #[n(6)]
    Italic,
    #[n(7)]
    Code,
    #[n(8)]
    Pre(#[n(0)] String),
    #[n(9)]
    TextUrl(#[n(0)] String),
    #[n(10)]
    MentionName(#[cbor(n(0), with = "heliogram_store::cbor")] UserId),
    #[n(11)]
    Phone,
    #[n(12)]
    Cashtag,
    #[n(13)]
    Underline,
    #[n(14)]
    Strike,
    #[n(15)]
    BankCard,
    #[n(16)]
    Spoiler,
    #[n(17)]
    CustomEmoji(#[cbor(n(0), with = "heliogram_store::cbor")] FileId),
    /// A quotation; `true` if it is folded until opened.
    #[n(18)]
    Blockquote(#[n(0)] bool),
}
