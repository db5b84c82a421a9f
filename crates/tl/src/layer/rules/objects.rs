//! Constructors that another constructor of their type replaces.

use super::keyboards;
use crate::layer::object::Object;
use crate::layer::table::{Definition, Layer};
use crate::layer::transcode::{Outcome, Transcoder};

/// How to write a whole object.
#[derive(Debug)]
pub(in crate::layer) struct ObjectRule {
    /// The source's constructor.
    pub(in crate::layer) of: &'static str,
    /// Whether it is needed for a target.
    applies: fn(&Definition, Layer) -> bool,
    /// Writes it.
    pub(in crate::layer) write: fn(&Transcoder, &Object<'_>, &mut Vec<u8>) -> Outcome,
}

/// The rule for a definition when the target is a certain layer.
pub(in crate::layer) fn of(definition: &Definition, layer: Layer) -> Option<&'static ObjectRule> {
    let name = definition.spelling();
    let named = RULES.iter().filter(|rule| rule.of == name && !definition.is_function);
    named.chain(keyboards::raised(name)).find(|rule| (rule.applies)(definition, layer))
}

impl ObjectRule {
    pub(super) const fn new(
        of: &'static str,
        applies: fn(&Definition, Layer) -> bool,
        write: fn(&Transcoder, &Object<'_>, &mut Vec<u8>) -> Outcome,
    ) -> Self {
        Self { of, applies, write }
    }
}

/// Every rule but those of the many old buttons.
pub(in crate::layer) static RULES: [ObjectRule; 6] = [
    ObjectRule::new("emojiStatus", |_, layer| !knows_until(layer), emoji_status),
    ObjectRule::new("emojiStatusCollectible", is_absent, emoji_status),
    ObjectRule::new("emojiStatusUntil", is_absent, emoji_status),
    ObjectRule::new("keyboardButton", keyboards::is_flattened, keyboards::lower_reply_button),
    ObjectRule::new("updatePinnedForumTopic", is_absent, pinned_topic),
    ObjectRule::new("updatePinnedForumTopics", is_absent, pinned_topics),
];

fn is_absent(definition: &Definition, layer: Layer) -> bool {
    layer.current(definition.name).is_none()
}

fn knows_until(layer: Layer) -> bool {
    layer.constructor("emojiStatus").is_some_and(|status| status.field("until").is_some())
}

/// A status that ends was a constructor of its own, and so is one from a collectible gift; both
/// show the emoji of their document.
fn emoji_status(transcoder: &Transcoder, object: &Object<'_>, out: &mut Vec<u8>) -> Outcome {
    let layer = transcoder.layer();
    let name = match object.field("until") {
        Some(_) if !knows_until(layer) => "emojiStatusUntil",
        _ => "emojiStatus",
    };
    match layer.constructor(name) {
        Some(target) => transcoder.compose(target, &[object], &[], out),
        None => Err(transcoder.unrepresentable(object.definition)),
    }
}

fn pinned_topic(transcoder: &Transcoder, object: &Object<'_>, out: &mut Vec<u8>) -> Outcome {
    as_channel_update(transcoder, object, "updateChannelPinnedTopic", out)
}

fn pinned_topics(transcoder: &Transcoder, object: &Object<'_>, out: &mut Vec<u8>) -> Outcome {
    as_channel_update(transcoder, object, "updateChannelPinnedTopics", out)
}

/// Topics belonged to channels only, so the update named the channel; topics of a bot's chat
/// cannot be told.
fn as_channel_update(
    transcoder: &Transcoder,
    object: &Object<'_>,
    name: &str,
    out: &mut Vec<u8>,
) -> Outcome {
    let refused = || transcoder.unrepresentable(object.definition);
    let target = transcoder.layer().constructor(name).ok_or_else(refused)?;
    let peer = object.field("peer").ok_or_else(refused)?.object()?;
    let channel = peer.field("channel_id").ok_or_else(refused)?;
    transcoder.compose(target, &[object], &[("channel_id", channel.bytes.to_vec())], out)
}
