//! Buttons of keyboards. Each kind was a constructor of `KeyboardButton` once; now a button has a
//! text and a type, and inline buttons are a type of their own.
//!
//! Without this no bot would have a keyboard for any client but the newest.

use super::objects::ObjectRule;
use crate::layer::object::{Object, Part};
use crate::layer::table::{Definition, Layer};
use crate::layer::transcode::{Outcome, Transcoder};

/// A kind of button: the constructor it was, and the type it is.
type Kind = (&'static str, &'static str);

/// Buttons of the keyboard below the chat.
pub(in crate::layer) static REPLY: [Kind; 7] = [
    ("keyboardButton", "buttonTypeDefault"),
    ("keyboardButtonRequestGeoLocation", "buttonTypeRequestGeoLocation"),
    ("keyboardButtonRequestPeer", "buttonTypeRequestPeer"),
    ("inputKeyboardButtonRequestPeer", "inputButtonTypeRequestPeer"),
    ("keyboardButtonRequestPhone", "buttonTypeRequestPhone"),
    ("keyboardButtonRequestPoll", "buttonTypeRequestPoll"),
    ("keyboardButtonSimpleWebView", "buttonTypeSimpleWebView"),
];

/// Buttons below a message.
pub(in crate::layer) static INLINE: [Kind; 11] = [
    ("keyboardButtonBuy", "inlineButtonTypeBuy"),
    ("keyboardButtonCallback", "inlineButtonTypeCallback"),
    ("keyboardButtonCopy", "inlineButtonTypeCopy"),
    ("keyboardButtonGame", "inlineButtonTypeGame"),
    ("keyboardButtonSwitchInline", "inlineButtonTypeSwitchInline"),
    ("keyboardButtonUrl", "inlineButtonTypeUrl"),
    ("keyboardButtonUrlAuth", "inlineButtonTypeUrlAuth"),
    ("inputKeyboardButtonUrlAuth", "inputInlineButtonTypeUrlAuth"),
    ("keyboardButtonUserProfile", "inlineButtonTypeUserProfile"),
    ("inputKeyboardButtonUserProfile", "inputInlineButtonTypeUserProfile"),
    ("keyboardButtonWebView", "inlineButtonTypeWebView"),
];

/// Shown for an inline button of a kind that the client does not know: it can be pressed and does
/// nothing.
const INERT: &str = "keyboardButtonCallback";

/// Whether a button with a type must become a constructor per kind.
pub(super) fn is_flattened(definition: &Definition, layer: Layer) -> bool {
    definition.field("type").is_some() && is_old(layer)
}

fn is_old(layer: Layer) -> bool {
    layer.constructor("keyboardButton").is_some_and(|button| button.field("type").is_none())
}

/// `keyboardButton` for a layer with a constructor per kind.
pub(super) fn lower_reply_button(
    transcoder: &Transcoder,
    button: &Object<'_>,
    out: &mut Vec<u8>,
) -> Outcome {
    lower(transcoder, button, &REPLY, "keyboardButton", out)
}

/// `keyboardInlineButton` as a `KeyboardButton`.
pub(super) fn lower_inline_button(
    transcoder: &Transcoder,
    button: Part<'_>,
    out: &mut Vec<u8>,
) -> Outcome {
    lower(transcoder, &button.object()?, &INLINE, INERT, out)
}

fn lower(
    transcoder: &Transcoder,
    button: &Object<'_>,
    kinds: &[Kind],
    otherwise: &str,
    out: &mut Vec<u8>,
) -> Outcome {
    let refused = || transcoder.unrepresentable(button.definition);
    let kind = button.field("type").ok_or_else(refused)?.object()?;
    let name = kinds.iter().find(|(_, today)| kind.is(today)).map(|(once, _)| *once);
    let target = name.and_then(|name| transcoder.layer().constructor(name));
    match target.or_else(|| transcoder.layer().constructor(otherwise)) {
        Some(target) => transcoder.compose(target, &[button, &kind], &[], out),
        None => Err(refused()),
    }
}

/// A row of buttons as a row of the other type; the buttons are coerced in turn.
pub(super) fn row(
    transcoder: &Transcoder,
    row: Part<'_>,
    name: &str,
    out: &mut Vec<u8>,
) -> Outcome {
    let row = row.object()?;
    match transcoder.layer().constructor(name) {
        Some(target) => transcoder.compose(target, &[&row], &[], out),
        None => Err(transcoder.unrepresentable(row.definition)),
    }
}

/// The rule that lifts an old constructor of `KeyboardButton`, if `name` is one.
pub(super) fn raised(name: &str) -> Option<&'static ObjectRule> {
    static RULE: ObjectRule = ObjectRule::new(
        "KeyboardButton",
        |definition, layer| definition.spelling() != "keyboardButton" && !is_old(layer),
        |transcoder, button, out| raise(transcoder, button, &REPLY, "buttonTypeDefault", out),
    );
    REPLY.iter().chain(&INLINE).any(|(once, _)| *once == name).then_some(&RULE)
}

/// A `KeyboardButton` of old as a `keyboardInlineButton`.
///
/// A kind that was never allowed below a message becomes a callback without data, which the
/// handler refuses as it refuses any other.
pub(super) fn raise_inline_button(
    transcoder: &Transcoder,
    button: Part<'_>,
    out: &mut Vec<u8>,
) -> Outcome {
    raise(transcoder, &button.object()?, &INLINE, "inlineButtonTypeCallback", out)
}

fn raise(
    transcoder: &Transcoder,
    button: &Object<'_>,
    kinds: &[Kind],
    otherwise: &str,
    out: &mut Vec<u8>,
) -> Outcome {
    let refused = || transcoder.unrepresentable(button.definition);
    let layer = transcoder.layer();
    let kind = kinds.iter().find(|(once, _)| button.is(once)).map_or(otherwise, |(_, today)| today);
    let kind = layer.constructor(kind).ok_or_else(refused)?;
    let name = match kind.spelling().contains("nlineButton") {
        true => "keyboardInlineButton",
        false => "keyboardButton",
    };
    let target = layer.constructor(name).ok_or_else(refused)?;
    let mut kind_bytes = Vec::new();
    transcoder.compose(kind, &[button], &[], &mut kind_bytes)?;
    transcoder.compose(target, &[button], &[("type", kind_bytes)], out)
}
