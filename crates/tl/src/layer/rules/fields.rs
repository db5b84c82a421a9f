//! Fields that a definition has under another name, or in another place.

use super::{gifts, peers, polls};
use crate::layer::TranslateError;
use crate::layer::object::Object;
use crate::layer::table::Field;
use crate::layer::transcode::Transcoder;
use crate::{Encode as _, Reader};

/// Where a target's field comes from when the source has none of its name and type.
#[derive(Debug)]
pub(in crate::layer) struct FieldRule {
    /// The target constructor or function.
    pub(in crate::layer) of: &'static str,
    /// Its field.
    pub(in crate::layer) field: &'static str,
    how: How,
}

#[derive(Debug)]
enum How {
    /// From a field of this name, coerced if its type differs too.
    Renamed(&'static str),
    /// Always this number.
    Int(i32),
    /// Always this constructor, which has no fields.
    Unit(&'static str),
    /// As the function says.
    With(Write),
}

/// Writes a field from what the source has; answers whether there was anything.
type Write = fn(&Transcoder, &Object<'_>, &Field, &mut Vec<u8>) -> Result<bool, TranslateError>;

/// The rules for fields of a target constructor or function.
pub(in crate::layer) fn of(constructor: &str) -> &'static [FieldRule] {
    let first = RULES.partition_point(|rule| rule.of < constructor);
    let rest = RULES.get(first..).unwrap_or_default();
    let count = rest.partition_point(|rule| rule.of == constructor);
    rest.get(..count).unwrap_or_default()
}

impl FieldRule {
    /// Writes the field from what `source` has; answers whether there was anything.
    pub(in crate::layer) fn write(
        &self,
        transcoder: &Transcoder,
        source: &Object<'_>,
        field: &Field,
        out: &mut Vec<u8>,
    ) -> Result<bool, TranslateError> {
        match self.how {
            How::Renamed(name) => match source.field(name) {
                Some(part) => transcoder.coerce(part, field.of, out).map(|()| true),
                None => Ok(false),
            },
            How::Int(value) => {
                value.encode(out);
                Ok(true)
            }
            How::Unit(name) => match transcoder.layer().constructor(name) {
                Some(unit) => transcoder.compose(unit, &[], &[], out).map(|()| true),
                None => Ok(false),
            },
            How::With(write) => write(transcoder, source, field, out),
        }
    }
}

const fn rule(of: &'static str, field: &'static str, how: How) -> FieldRule {
    FieldRule { of, field, how }
}

const fn renamed(of: &'static str, field: &'static str, from: &'static str) -> FieldRule {
    rule(of, field, How::Renamed(from))
}

const fn with(of: &'static str, field: &'static str, write: Write) -> FieldRule {
    rule(of, field, How::With(write))
}

/// Sorted by constructor.
pub(in crate::layer) static RULES: [FieldRule; 50] = [
    with("account.getUniqueGiftChatThemes", "offset", gifts::offset),
    with("account.updateColor", "color", peers::color),
    // Limits that later moved to the app configuration.
    rule("config", "pinned_dialogs_count_max", How::Int(5)),
    rule("config", "pinned_infolder_count_max", How::Int(100)),
    rule("config", "saved_gifs_limit", How::Int(200)),
    rule("config", "stickers_faved_limit", How::Int(5)),
    with("draftMessage", "reply_to", peers::reply_to),
    renamed("draftMessage", "reply_to_msg_id", "reply_to"),
    with("inputMediaPoll", "correct_answers", polls::correct_answers),
    rule("keyboardButton", "type", How::Unit("buttonTypeDefault")),
    with("messageActionGiftCode", "days", days),
    with("messageActionGiftCode", "months", months),
    with("messageActionGiftPremium", "days", days),
    with("messageActionGiftPremium", "months", months),
    renamed("messageActionRequestedPeer", "peer", "peers"),
    renamed("messageActionRequestedPeer", "peers", "peer"),
    renamed("messageActionSetChatTheme", "emoticon", "theme"),
    renamed("messageActionSetChatTheme", "theme", "emoticon"),
    renamed("messages.createForumTopic", "peer", "channel"),
    renamed("messages.deleteTopicHistory", "peer", "channel"),
    renamed("messages.editChatCreator", "peer", "channel"),
    renamed("messages.editForumTopic", "peer", "channel"),
    renamed("messages.getForumTopics", "peer", "channel"),
    renamed("messages.getForumTopicsByID", "peer", "channel"),
    renamed("messages.getFutureChatCreatorAfterLeave", "peer", "channel"),
    renamed("messages.getSponsoredMessages", "peer", "channel"),
    with("messages.prolongWebView", "reply_to", peers::reply_to),
    renamed("messages.reorderPinnedForumTopics", "peer", "channel"),
    with("messages.requestWebView", "reply_to", peers::reply_to),
    with("messages.saveDraft", "reply_to", peers::reply_to),
    renamed("messages.sendBotRequestedPeer", "requested_peers", "requested_peer"),
    with("messages.sendInlineBotResult", "reply_to", peers::reply_to),
    with("messages.sendMedia", "reply_to", peers::reply_to),
    with("messages.sendMessage", "reply_to", peers::reply_to),
    with("messages.sendMultiMedia", "reply_to", peers::reply_to),
    with("messages.sendScreenshotNotification", "reply_to", peers::reply_to),
    renamed("messages.setChatTheme", "theme", "emoticon"),
    renamed("messages.updatePinnedForumTopic", "peer", "channel"),
    with("payments.checkedGiftCode", "days", days),
    with("payments.checkedGiftCode", "months", months),
    with("payments.convertStarGift", "stargift", gifts::stargift),
    with("payments.saveStarGift", "stargift", gifts::stargift),
    renamed("payments.updateStarGiftPrice", "resell_amount", "resell_stars"),
    renamed("starGiftAttributeBackdrop", "rarity_permille", "rarity"),
    renamed("starGiftAttributeModel", "rarity_permille", "rarity"),
    renamed("starGiftAttributePattern", "rarity_permille", "rarity"),
    renamed("starsTransaction", "stars", "amount"),
    with("updateGroupCall", "chat_id", peers::chat_id),
    renamed("updateMessagePollVote", "user_id", "peer"),
    renamed("userFull", "theme_emoticon", "theme"),
];

const DAYS_PER_MONTH: i32 = 30;

/// Gifts are counted in days now; a client of old shows months.
fn months(
    _: &Transcoder,
    source: &Object<'_>,
    _: &Field,
    out: &mut Vec<u8>,
) -> Result<bool, TranslateError> {
    let Some(days) = source.field("days") else { return Ok(false) };
    (Reader::new(days.bytes).i32()? / DAYS_PER_MONTH).encode(out);
    Ok(true)
}

fn days(
    _: &Transcoder,
    source: &Object<'_>,
    _: &Field,
    out: &mut Vec<u8>,
) -> Result<bool, TranslateError> {
    let Some(months) = source.field("months") else { return Ok(false) };
    Reader::new(months.bytes).i32()?.saturating_mul(DAYS_PER_MONTH).encode(out);
    Ok(true)
}
