//! What makes an account a bot, and the dialogue that makes bots.

use heliogram_ids::UserId;
use heliogram_store::record;
use minicbor::{Decode, Encode};

/// The bot side of an account.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) struct BotProfile {
    /// Absent for the bots of the cloud itself.
    #[cbor(n(0), with = "heliogram_store::cbor", has_nil)]
    pub(crate) owner: Option<UserId>,
    /// The secret half of the token.
    #[n(1)]
    pub(crate) secret: String,
    #[n(2)]
    pub(crate) description: String,
    /// Grows with every change that clients should notice.
    #[n(3)]
    pub(crate) info_version: i32,
    #[n(4)]
    pub(crate) inline_placeholder: Option<String>,
    /// Receives all messages of groups, not only those meant for it.
    #[n(5)]
    pub(crate) sees_all: bool,
    /// Cannot be added to groups.
    #[n(6)]
    pub(crate) nochats: bool,
}

/// One command that a bot offers.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) struct BotCommand {
    #[n(0)]
    pub(crate) command: String,
    #[n(1)]
    pub(crate) description: String,
}

/// All commands of one scope and language.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) struct BotCommands {
    #[n(0)]
    pub(crate) commands: Vec<BotCommand>,
}
record!(BotCommands, version = 1);

/// Where a person stands in the dialogue with BotFather.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) enum FatherDialogue {
    #[n(0)]
    NewBotName,
    #[n(1)]
    NewBotUsername(#[n(0)] String),
    /// The next message chooses the bot for this command.
    #[n(2)]
    ChooseBot(#[n(0)] String),
    /// The next message is the new value for this command and bot.
    #[n(3)]
    SetValue(#[n(0)] String, #[cbor(n(1), with = "heliogram_store::cbor")] UserId),
}
record!(FatherDialogue, version = 1);
