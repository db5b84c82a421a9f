//! What stock clients ask in their first seconds, in their order and their words.
//!
//! The sequences were recorded on the wire, up to the first message that is sent: from the first
//! bytes to a login, and from there until the app is at rest.

use crate::Opening;
use crate::strict::{Value, object};

/// The start of one client.
#[derive(Clone, Copy, Debug)]
pub struct StartUp {
    /// The client and its version.
    pub client: &'static str,
    /// The layer that it declares, which may be newer than any that is known.
    pub layer: u32,
    /// How it nests the wrappers of its first request.
    pub opening: Opening,
    /// Whether it logs in as a bot.
    pub is_bot: bool,
    /// Before the login.
    pub before: &'static [Question],
    /// After it.
    pub after: &'static [Question],
}

/// One call of a start.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// The function.
    pub function: &'static str,
    /// What is asked.
    pub words: &'static [(&'static str, Word)],
    /// The refusal that the client waits for; none if it wants an answer.
    pub refusal: Option<&'static str>,
}

/// An argument.
#[derive(Clone, Copy, Debug)]
pub enum Word {
    /// A number.
    Int(i32),
    /// A text.
    Text(&'static str),
    /// A constructor without fields.
    Unit(&'static str),
    /// A vector of one constructor without fields.
    Units(&'static str),
    /// A set by its name.
    Set(&'static str),
    /// A vector of the chat with oneself.
    OwnDialog,
}

impl Question {
    /// The arguments as values.
    pub fn arguments(&self) -> Vec<(&'static str, Value)> {
        self.words.iter().map(|(name, word)| (*name, word.value())).collect()
    }
}

impl Word {
    fn value(self) -> Value {
        match self {
            Self::Int(number) => number.into(),
            Self::Text(text) => text.into(),
            Self::Unit(name) => object(name, []),
            Self::Units(name) => vec![object(name, [])].into(),
            Self::Set(name) => object("inputStickerSetShortName", [("short_name", name.into())]),
            Self::OwnDialog => {
                let own = object("inputPeerSelf", []);
                vec![object("inputDialogPeer", [("peer", own)])].into()
            }
        }
    }
}

const fn ask(function: &'static str) -> Question {
    with(function, &[])
}

const fn with(function: &'static str, words: &'static [(&'static str, Word)]) -> Question {
    Question { function, words, refusal: None }
}

/// A call by which a client finds out that it is not logged in.
const fn probe(question: Question) -> Question {
    refused(question, "AUTH_KEY_UNREGISTERED")
}

const fn refused(question: Question, refusal: &'static str) -> Question {
    Question { function: question.function, words: question.words, refusal: Some(refusal) }
}

const CONFIG: Question = ask("help.getConfig");
const STATE: Question = ask("updates.getState");
const DIFFERENCE: Question =
    with("updates.getDifference", &[("pts", Word::Int(1)), ("date", Word::Int(1))]);
const OWN_USER: Question = with("users.getUsers", &[("id", Word::Units("inputUserSelf"))]);
const OWN_PROFILE: Question = with("users.getFullUser", &[("id", Word::Unit("inputUserSelf"))]);
const NOTE: Question = with(
    "messages.sendMessage",
    &[("peer", Word::Unit("inputPeerSelf")), ("message", Word::Text("a note"))],
);
const NOTIFY_USERS: Question =
    with("account.getNotifySettings", &[("peer", Word::Unit("inputNotifyUsers"))]);
const NOTIFY_CHATS: Question =
    with("account.getNotifySettings", &[("peer", Word::Unit("inputNotifyChats"))]);
const NOTIFY_CHANNELS: Question =
    with("account.getNotifySettings", &[("peer", Word::Unit("inputNotifyBroadcasts"))]);
/// Sets of animated emoji and of dice are asked by name, and there are none.
const SET: Question = refused(
    with("messages.getStickerSet", &[("stickerset", Word::Set("AnimatedEmojies"))]),
    "STICKERSET_INVALID",
);
const OWN_HISTORY: Question =
    with("messages.getHistory", &[("peer", Word::Unit("inputPeerSelf")), ("limit", Word::Int(50))]);
const OWN_DIALOG: Question = with("messages.getPeerDialogs", &[("peers", Word::OwnDialog)]);
const DIALOGS: Question = with(
    "messages.getDialogs",
    &[("offset_peer", Word::Unit("inputPeerEmpty")), ("limit", Word::Int(20))],
);

/// Every start that was recorded.
pub const START_UPS: [StartUp; 13] = [
    person(
        "Telethon 1.45",
        229,
        &[CONFIG, probe(OWN_USER), probe(OWN_USER)],
        &[STATE, DIFFERENCE, OWN_USER, NOTE, DIFFERENCE],
    ),
    bot(
        "Telethon 1.45",
        229,
        &[CONFIG, probe(OWN_USER), probe(OWN_USER)],
        &[STATE, DIFFERENCE, OWN_USER],
    ),
    person("Pyrogram 2.0.106", 158, &[CONFIG], &[STATE, OWN_PROFILE, NOTE]),
    person("Kurigram 2.2.26", 229, &[CONFIG], &[STATE, OWN_PROFILE, NOTE]),
    bot("Kurigram 2.2.26", 229, &[CONFIG], &[STATE, OWN_PROFILE]),
    person("GramJS 2.26.22", 198, &[CONFIG, probe(STATE)], &[OWN_USER, NOTE]),
    person("mtcute 0.30.3", 227, &[probe(OWN_USER), probe(STATE)], &[STATE, NOTE, DIFFERENCE]),
    StartUp {
        opening: Opening::LayerInside,
        ..person(
            "MTKruto 2026-08",
            228,
            &[probe(STATE), probe(STATE)],
            &[STATE, DIFFERENCE, OWN_USER, STATE, DIFFERENCE, DIFFERENCE, NOTE],
        )
    },
    person("grammers 0.11", 230, &[CONFIG, probe(STATE)], &[STATE, OWN_USER, NOTE]),
    bot("ferogram 0.6.6", 229, &[CONFIG, probe(STATE)], &[STATE, OWN_USER]),
    person(
        "tdjson 1.8.69",
        232,
        &[ask("help.getNearestDc"), CONFIG, ask("help.getAppConfig")],
        TDLIB,
    ),
    bot(
        "tdjson 1.8.69",
        232,
        &[ask("help.getNearestDc"), CONFIG],
        &[STATE, CONFIG, ask("help.setBotUpdatesStatus"), OWN_PROFILE],
    ),
    person("Telegram Desktop 4.6.5", 152, DESKTOP_BEFORE, DESKTOP),
];

const TDLIB: &[Question] = &[
    CONFIG,
    ask("messages.getAttachMenuBots"),
    ask("messages.getDialogFilters"),
    NOTIFY_USERS,
    NOTIFY_CHATS,
    NOTIFY_CHANNELS,
    ask("account.getReactionsNotifySettings"),
    SET,
    SET,
    ask("messages.getAvailableReactions"),
    ask("messages.getAvailableEffects"),
    ask("account.getChatThemes"),
    ask("help.getPeerColors"),
    ask("help.getPeerProfileColors"),
    ask("aicompose.getTones"),
    STATE,
    ask("account.getWebBrowserSettings"),
    ask("help.getPromoData"),
    ask("help.getTermsOfServiceUpdate"),
    OWN_DIALOG,
    OWN_PROFILE,
    SET,
    NOTE,
    ask("help.getAppConfig"),
    ask("account.getContentSettings"),
    with("contacts.getTopPeers", &[("limit", Word::Int(30))]),
    with(
        "messages.getSavedHistory",
        &[("peer", Word::Unit("inputPeerSelf")), ("limit", Word::Int(50))],
    ),
];

const DESKTOP_BEFORE: &[Question] = &[
    CONFIG,
    ask("help.getAppConfig"),
    ask("help.getNearestDc"),
    ask("help.getCountriesList"),
    with("auth.exportLoginToken", &[("api_id", Word::Int(1)), ("api_hash", Word::Text("hash"))]),
];

const DESKTOP: &[Question] = &[
    ask("messages.getDialogFilters"),
    STATE,
    ask("messages.getAvailableReactions"),
    ask("account.getDefaultEmojiStatuses"),
    SET,
    SET,
    ask("help.getTermsOfServiceUpdate"),
    OWN_PROFILE,
    NOTIFY_USERS,
    NOTIFY_CHATS,
    NOTIFY_CHANNELS,
    ask("help.getAppConfig"),
    ask("messages.getEmojiGroups"),
    ask("messages.getAttachMenuBots"),
    DIALOGS,
    ask("messages.getPinnedDialogs"),
    ask("account.updateStatus"),
    ask("help.getPremiumPromo"),
    with("messages.getStickers", &[("emoticon", Word::Text("👋⭐️"))]),
    ask("help.getPromoData"),
    ask("contacts.getContacts"),
    OWN_PROFILE,
    OWN_HISTORY,
    with(
        "messages.search",
        &[
            ("peer", Word::Unit("inputPeerSelf")),
            ("filter", Word::Unit("inputMessagesFilterPinned")),
            ("limit", Word::Int(10)),
        ],
    ),
    with("messages.getScheduledHistory", &[("peer", Word::Unit("inputPeerSelf"))]),
    OWN_DIALOG,
    ask("messages.getEmojiKeywordsLanguages"),
    NOTE,
    OWN_DIALOG,
    with(
        "messages.readHistory",
        &[("peer", Word::Unit("inputPeerSelf")), ("max_id", Word::Int(1))],
    ),
];

const fn person(
    client: &'static str,
    layer: u32,
    before: &'static [Question],
    after: &'static [Question],
) -> StartUp {
    StartUp { client, layer, opening: Opening::LayerOutside, is_bot: false, before, after }
}

const fn bot(
    client: &'static str,
    layer: u32,
    before: &'static [Question],
    after: &'static [Question],
) -> StartUp {
    StartUp { client, layer, opening: Opening::LayerOutside, is_bot: true, before, after }
}
