//! Types that changed under a field or a result, and how one becomes the other.

use std::sync::LazyLock;

use super::keyboards;
use crate::layer::TranslateError;
use crate::layer::object::Part;
use crate::layer::table::{self, Layer, TypeRow};
use crate::layer::transcode::{Outcome, Transcoder, each};
use crate::{Encode as _, Reader};

/// How a value of one type is said as a value of another.
#[derive(Debug)]
pub(in crate::layer) struct Coercion {
    /// The type there is.
    pub(in crate::layer) from: &'static str,
    /// The type there shall be.
    pub(in crate::layer) to: &'static str,
    /// The way from one to the other.
    pub(in crate::layer) how: How,
}

/// The ways to do it.
#[derive(Debug)]
pub(in crate::layer) enum How {
    /// By a field of the value, coerced in turn; by constructor.
    Field(&'static [(&'static str, &'static str)]),
    /// As [`How::Field`], and in a vector the zero where there is no such field: the vector runs
    /// parallel to another.
    FieldOrZero(&'static [(&'static str, &'static str)]),
    /// By another constructor that has fields of the same names; by constructor.
    Constructor(&'static [(&'static str, &'static str)]),
    /// As the only field of a constructor that stands around it.
    Within(&'static str, &'static str),
    /// By yes or no; by constructor.
    Truth(&'static [(&'static str, bool)]),
    /// By a constructor for yes, and one for no.
    Choice(&'static str, &'static str),
    /// As the function says.
    With(fn(&Transcoder, Part<'_>, &mut Vec<u8>) -> Outcome),
}

/// The coercion between two types.
pub(in crate::layer) fn of(from: TypeRow, to: TypeRow) -> Option<&'static Coercion> {
    static BY_TYPES: LazyLock<Vec<(Types, &'static Coercion)>> = LazyLock::new(by_types);
    let found = BY_TYPES.binary_search_by_key(&(from, to), |(types, _)| *types).ok()?;
    BY_TYPES.get(found).map(|(_, coercion)| *coercion)
}

/// The rows of the type there is and of the type there shall be.
type Types = (TypeRow, TypeRow);

/// Every pair of rows with its coercion, sorted.
fn by_types() -> Vec<(Types, &'static Coercion)> {
    let rows = |name: &'static str| {
        (0..u16::MAX)
            .zip(&table::TYPES)
            .map(|(row, _)| row)
            .filter(move |row| table::type_spelling(*row) == name)
    };
    let mut pairs: Vec<(Types, &Coercion)> = COERCIONS
        .iter()
        .flat_map(|coercion| rows(coercion.from).map(move |from| (from, coercion)))
        .flat_map(|(from, coercion)| rows(coercion.to).map(move |to| ((from, to), coercion)))
        .collect();
    pairs.sort_by_key(|(types, _)| *types);
    pairs
}

impl Coercion {
    /// Writes `part` as a value of the type `to`.
    pub(in crate::layer) fn write(
        &self,
        transcoder: &Transcoder,
        part: Part<'_>,
        to: TypeRow,
        out: &mut Vec<u8>,
    ) -> Outcome {
        let refused = || TranslateError::Unrepresentable {
            name: self.from,
            layer: transcoder.layer().number(),
        };
        match self.how {
            How::Field(fields) | How::FieldOrZero(fields) => {
                let object = part.object()?;
                let field = picked(fields, object.definition.spelling()).ok_or_else(refused)?;
                transcoder.coerce(object.field(field).ok_or_else(refused)?, to, out)
            }
            How::Constructor(constructors) => {
                let object = part.object()?;
                let name =
                    picked(constructors, object.definition.spelling()).ok_or_else(refused)?;
                let target = transcoder.layer().constructor(name).ok_or_else(refused)?;
                transcoder.compose(target, &[&object], &[], out)
            }
            How::Within(name, field) => {
                let target = transcoder.layer().constructor(name).ok_or_else(refused)?;
                transcoder.compose(target, &[], &[(field, part.bytes.to_vec())], out)
            }
            How::Truth(truths) => {
                let object = part.object()?;
                picked(truths, object.definition.spelling()).ok_or_else(refused)?.encode(out);
                Ok(())
            }
            How::Choice(yes, no) => {
                let name =
                    if <bool as crate::Decode>::decode(&mut part.reader())? { yes } else { no };
                let target = transcoder.layer().constructor(name).ok_or_else(refused)?;
                transcoder.compose(target, &[], &[], out)
            }
            How::With(write) => write(transcoder, part, out),
        }
    }

    /// Whether an item of a vector that cannot be said leaves a zero behind.
    pub(in crate::layer) const fn keeps_place(&self) -> bool {
        matches!(self.how, How::FieldOrZero(_))
    }
}

#[cfg(test)]
impl How {
    /// The constructors that it names.
    pub(in crate::layer) fn constructors(&self) -> Vec<&'static str> {
        match self {
            Self::Field(pairs) | Self::FieldOrZero(pairs) => pairs.iter().map(|p| p.0).collect(),
            Self::Constructor(pairs) => pairs.iter().flat_map(|p| [p.0, p.1]).collect(),
            Self::Truth(pairs) => pairs.iter().map(|p| p.0).collect(),
            Self::Within(name, _) => vec![name],
            Self::Choice(yes, no) => vec![yes, no],
            Self::With(_) => Vec::new(),
        }
    }
}

fn picked<T: Copy>(choices: &[(&str, T)], name: &str) -> Option<T> {
    choices.iter().find(|(constructor, _)| *constructor == name).map(|(_, choice)| *choice)
}

const fn coercion(from: &'static str, to: &'static str, how: How) -> Coercion {
    Coercion { from, to, how }
}

/// Every change of type between imported layers.
pub(in crate::layer) static COERCIONS: [Coercion; 38] = [
    // Texts and numbers.
    coercion("TextWithEntities", "string", How::Field(&[("textWithEntities", "text")])),
    coercion("string", "TextWithEntities", How::Within("textWithEntities", "text")),
    coercion("double", "int", How::With(whole_seconds)),
    coercion("int", "double", How::With(seconds)),
    // Who it is.
    coercion("Peer", "long", How::Field(&[("peerUser", "user_id")])),
    coercion("long", "Peer", How::Within("peerUser", "user_id")),
    coercion("InputChannel", "InputPeer", How::Constructor(&INPUT_CHANNELS)),
    coercion("InputUser", "InputPeer", How::Constructor(&INPUT_USERS)),
    coercion("MessagePeerVote", "MessageUserVote", How::With(vote)),
    coercion("InputReplyTo", "int", How::Field(&[("inputReplyToMessage", "reply_to_msg_id")])),
    // How it looks.
    coercion("ChatTheme", "string", How::Field(&[("chatTheme", "emoticon")])),
    coercion("string", "ChatTheme", How::Within("chatTheme", "emoticon")),
    coercion("string", "InputChatTheme", How::With(chat_theme)),
    coercion("PeerColor", "int", How::Field(&[("peerColor", "color")])),
    coercion("RecentStory", "int", How::FieldOrZero(&[("recentStory", "max_id")])),
    coercion("int", "RecentStory", How::Within("recentStory", "max_id")),
    coercion("StarGiftAttributeRarity", "int", How::With(permille)),
    // Money and privacy.
    coercion("StarsAmount", "long", How::Field(&[("starsAmount", "amount")])),
    coercion("long", "StarsAmount", How::Within("starsAmount", "amount")),
    coercion(
        "PaidReactionPrivacy",
        "Bool",
        How::Truth(&[
            ("paidReactionPrivacyDefault", false),
            ("paidReactionPrivacyAnonymous", true),
            ("paidReactionPrivacyPeer", false),
        ]),
    ),
    coercion(
        "Bool",
        "PaidReactionPrivacy",
        How::Choice("paidReactionPrivacyAnonymous", "paidReactionPrivacyDefault"),
    ),
    // Keyboards.
    coercion("KeyboardInlineButtonRow", "KeyboardButtonRow", How::With(lower_row)),
    coercion("KeyboardInlineButton", "KeyboardButton", How::With(keyboards::lower_inline_button)),
    coercion("KeyboardButtonRow", "KeyboardInlineButtonRow", How::With(raise_row)),
    coercion("KeyboardButton", "KeyboardInlineButton", How::With(keyboards::raise_inline_button)),
    // Results that were wrapped later.
    coercion("ReadParticipantDate", "long", How::Field(&[("readParticipantDate", "user_id")])),
    coercion("ReportResult", "Bool", How::Truth(&REPORTED)),
    coercion("RequirementToContact", "Bool", How::Truth(&NEEDS_PREMIUM)),
    coercion(
        "WebViewResult",
        "AppWebViewResult",
        How::Constructor(&[("webViewResultUrl", "appWebViewResultUrl")]),
    ),
    coercion(
        "WebViewResult",
        "SimpleWebViewResult",
        How::Constructor(&[("webViewResultUrl", "simpleWebViewResultUrl")]),
    ),
    coercion("help.AppConfig", "JSONValue", How::Field(&[("help.appConfig", "config")])),
    coercion(
        "messages.ChatInviteJoinResult",
        "Updates",
        How::Field(&[("messages.chatInviteJoinResultOk", "updates")]),
    ),
    coercion(
        "messages.DialogFilters",
        "Vector",
        How::Field(&[("messages.dialogFilters", "filters")]),
    ),
    coercion(
        "messages.InvitedUsers",
        "Updates",
        How::Field(&[("messages.invitedUsers", "updates")]),
    ),
    coercion("messages.WebPage", "WebPage", How::Field(&[("messages.webPage", "webpage")])),
    coercion(
        "messages.WebPagePreview",
        "MessageMedia",
        How::Field(&[("messages.webPagePreview", "media")]),
    ),
    coercion("stats.PublicForwards", "messages.Messages", How::With(forwards)),
    coercion("stories.CanSendStoryCount", "Bool", How::With(can_send_story)),
];

static INPUT_CHANNELS: [(&str, &str); 3] = [
    ("inputChannelEmpty", "inputPeerEmpty"),
    ("inputChannel", "inputPeerChannel"),
    ("inputChannelFromMessage", "inputPeerChannelFromMessage"),
];

static INPUT_USERS: [(&str, &str); 4] = [
    ("inputUserEmpty", "inputPeerEmpty"),
    ("inputUserSelf", "inputPeerSelf"),
    ("inputUser", "inputPeerUser"),
    ("inputUserFromMessage", "inputPeerUserFromMessage"),
];

/// A client that states its reason at once is done, whatever is asked of others.
static REPORTED: [(&str, bool); 3] = [
    ("reportResultChooseOption", true),
    ("reportResultAddComment", true),
    ("reportResultReported", true),
];

static NEEDS_PREMIUM: [(&str, bool); 3] = [
    ("requirementToContactEmpty", false),
    ("requirementToContactPremium", true),
    ("requirementToContactPaidMessages", false),
];

#[allow(clippy::cast_possible_truncation)]
fn whole_seconds(_: &Transcoder, part: Part<'_>, out: &mut Vec<u8>) -> Outcome {
    // `as` saturates, and a length beyond 68 years was a lie to begin with.
    (Reader::new(part.bytes).f64()? as i32).encode(out);
    Ok(())
}

fn seconds(_: &Transcoder, part: Part<'_>, out: &mut Vec<u8>) -> Outcome {
    f64::from(Reader::new(part.bytes).i32()?).encode(out);
    Ok(())
}

/// An empty emoticon took the theme away.
fn chat_theme(transcoder: &Transcoder, part: Part<'_>, out: &mut Vec<u8>) -> Outcome {
    let layer = transcoder.layer();
    let is_empty = part.reader().byte_slice()?.is_empty();
    let name = if is_empty { "inputChatThemeEmpty" } else { "inputChatTheme" };
    match layer.constructor(name) {
        Some(target) => transcoder.compose(target, &[], &[("emoticon", part.bytes.to_vec())], out),
        None => Err(unknown(layer, "InputChatTheme")),
    }
}

/// Rarities that have a name rather than a number are the rarest: nought per mille.
fn permille(_: &Transcoder, part: Part<'_>, out: &mut Vec<u8>) -> Outcome {
    let permille = part.object()?.field("permille");
    permille.map_or(Ok(0), |permille| permille.reader().i32())?.encode(out);
    Ok(())
}

/// Only users voted, so the vote named a user.
fn vote(transcoder: &Transcoder, part: Part<'_>, out: &mut Vec<u8>) -> Outcome {
    const KINDS: [(&str, &str); 3] = [
        ("messagePeerVote", "messageUserVote"),
        ("messagePeerVoteInputOption", "messageUserVoteInputOption"),
        ("messagePeerVoteMultiple", "messageUserVoteMultiple"),
    ];
    let vote = part.object()?;
    let refused = || transcoder.unrepresentable(vote.definition);
    let name = picked(&KINDS, vote.definition.spelling()).ok_or_else(refused)?;
    let target = transcoder.layer().constructor(name).ok_or_else(refused)?;
    let peer = vote.field("peer").ok_or_else(refused)?.object()?;
    let user = peer.field("user_id").ok_or_else(refused)?;
    transcoder.compose(target, &[&vote], &[("user_id", user.bytes.to_vec())], out)
}

/// Forwards were a slice of messages; stories that forward a message cannot be told.
fn forwards(transcoder: &Transcoder, part: Part<'_>, out: &mut Vec<u8>) -> Outcome {
    let forwards = part.object()?;
    let refused = || transcoder.unrepresentable(forwards.definition);
    let target = transcoder.layer().constructor("messages.messagesSlice").ok_or_else(refused)?;
    let mut messages = Vec::new();
    each(&mut messages, forwards.field("forwards").ok_or_else(refused)?.items()?, |item, out| {
        let message = item.object()?.field("message").ok_or_else(refused)?;
        transcoder.value(message.of, &mut message.reader(), out)
    })?;
    transcoder.compose(target, &[&forwards], &[("messages", messages)], out)
}

fn can_send_story(_: &Transcoder, part: Part<'_>, out: &mut Vec<u8>) -> Outcome {
    let remains = part.object()?.field("count_remains");
    let remains = remains.map_or(Ok(0), |remains| remains.reader().i32())?;
    (remains > 0).encode(out);
    Ok(())
}

fn lower_row(transcoder: &Transcoder, part: Part<'_>, out: &mut Vec<u8>) -> Outcome {
    keyboards::row(transcoder, part, "keyboardButtonRow", out)
}

fn raise_row(transcoder: &Transcoder, part: Part<'_>, out: &mut Vec<u8>) -> Outcome {
    keyboards::row(transcoder, part, "keyboardInlineButtonRow", out)
}

fn unknown(layer: Layer, name: &'static str) -> TranslateError {
    TranslateError::Unrepresentable { name, layer: layer.number() }
}
