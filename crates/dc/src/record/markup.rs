//! Keyboards under messages.

use heliogram_ids::UserId;
use minicbor::{Decode, Encode};

/// What stands below a message.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) enum Markup {
    /// Buttons that belong to the message.
    #[n(0)]
    Inline(#[n(0)] Vec<Vec<Button>>),
    /// Buttons that replace the reader's keyboard.
    #[n(1)]
    Reply {
        #[n(0)]
        rows: Vec<Vec<Button>>,
        #[n(1)]
        resize: bool,
        #[n(2)]
        single_use: bool,
        #[n(3)]
        selective: bool,
        #[n(4)]
        persistent: bool,
        #[n(5)]
        placeholder: Option<String>,
    },
    /// Takes such a keyboard away.
    #[n(2)]
    Hide(#[n(0)] bool),
    /// Opens a reply to the message.
    #[n(3)]
    ForceReply {
        #[n(0)]
        single_use: bool,
        #[n(1)]
        selective: bool,
        #[n(2)]
        placeholder: Option<String>,
    },
}

/// One button.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) struct Button {
    #[n(0)]
    pub(crate) text: String,
    #[n(1)]
    pub(crate) kind: ButtonKind,
}

/// What pressing a button does.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) enum ButtonKind {
    /// Sends its own text.
    #[n(0)]
    Text,
    #[n(1)]
    Url(#[n(0)] String),
    /// Asks the bot, with up to 64 bytes of its own data.
    #[n(2)]
    Callback {
        #[cbor(n(0), with = "minicbor::bytes")]
        data: Vec<u8>,
        #[n(1)]
        requires_password: bool,
    },
    #[n(3)]
    SwitchInline {
        #[n(0)]
        query: String,
        #[n(1)]
        same_peer: bool,
    },
    #[n(4)]
    RequestPhone,
    #[n(5)]
    RequestLocation,
    #[n(6)]
    RequestPoll(#[n(0)] Option<bool>),
    #[n(7)]
    WebView(#[n(0)] String),
    #[n(8)]
    SimpleWebView(#[n(0)] String),
    #[n(9)]
    UserProfile(#[cbor(n(0), with = "heliogram_store::cbor")] UserId),
    #[n(10)]
    Copy(#[n(0)] String),
    #[n(11)]
    Game,
    #[n(12)]
    Buy,
}
