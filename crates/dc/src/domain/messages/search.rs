//! Finding messages of one box by words, kind, author and date.

use heliogram_ids::{MessageId, Peer, UserId};
use heliogram_store::engine::View;
use heliogram_store::{Prefix, Read, StoreError};

use super::saved::origin;
use crate::record::{DocumentAttribute, EntityKind, Media, MessageRow};
use crate::tables::{Documents, History, Messages};

/// What kind of message is wanted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Kind {
    #[default]
    Any,
    Photo,
    Video,
    PhotoOrVideo,
    Document,
    Link,
    Gif,
    Voice,
    Music,
    RoundVideo,
    VoiceOrRoundVideo,
    Place,
    Contact,
    Pinned,
    /// A kind of which this cloud has no messages.
    Nothing,
}

/// What a message has to be like.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) words: Words,
    pub(crate) kind: Kind,
    pub(crate) from: Option<Peer>,
    /// In Saved Messages: saved from there.
    pub(crate) saved: Option<Peer>,
    /// At or after this date.
    pub(crate) min_date: Option<i32>,
    /// Before this date.
    pub(crate) max_date: Option<i32>,
}

/// Words of a query: each one must be a word of the text, the last one at least its beginning.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Words(Vec<String>);

/// Which part of the results is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Page {
    pub(crate) offset_id: Option<MessageId>,
    pub(crate) add_offset: i32,
    pub(crate) limit: usize,
    pub(crate) max_id: Option<MessageId>,
    pub(crate) min_id: Option<MessageId>,
}

/// A part of the results, the newest first.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) messages: Vec<(MessageId, MessageRow)>,
    /// How many messages match at all.
    pub(crate) count: usize,
    /// How many of them are newer than the first one here.
    pub(crate) before: usize,
}

impl Words {
    /// Splits a query.
    pub(crate) fn parse(query: &str) -> Self {
        Self(words(query).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn match_text(&self, text: &str) -> bool {
        let Some((last, whole)) = self.0.split_last() else { return true };
        let text: Vec<String> = words(text).collect();
        whole.iter().all(|word| text.contains(word))
            && text.iter().any(|word| word.starts_with(last.as_str()))
    }
}

/// Searches one dialog.
pub(crate) fn dialog(
    db: &dyn View,
    owner: UserId,
    peer: Peer,
    wanted: &Wanted,
    page: Page,
) -> Result<Found, StoreError> {
    let mut ids = Vec::new();
    for row in db.range_rev::<History>(Prefix((owner, peer))) {
        let ((_, _, id), ()) = row?;
        if let Some(message) = db.get::<Messages>(&(owner, id))?
            && wanted.matches(db, &message)?
        {
            ids.push(id);
        }
    }
    cut(db, owner, &ids, page)
}

/// Searches all dialogs of one account. Ids of one box grow with time, so they are the order.
pub(crate) fn everywhere(
    db: &dyn View,
    owner: UserId,
    wanted: &Wanted,
    page: Page,
) -> Result<Found, StoreError> {
    let mut ids = Vec::new();
    for row in db.range_rev::<Messages>(Prefix(owner)) {
        let ((_, id), message) = row?;
        if wanted.matches(db, &message)? {
            ids.push(id);
        }
    }
    cut(db, owner, &ids, page)
}

/// Cuts the page out of all results: the position of the offset, moved; then the id bounds.
///
/// Spec: core.telegram.org/api/offsets.
fn cut(db: &dyn View, owner: UserId, ids: &[MessageId], page: Page) -> Result<Found, StoreError> {
    let start = page.offset_id.map_or(0, |offset| ids.partition_point(|id| *id >= offset));
    let moved = i64::try_from(start).unwrap_or(i64::MAX).saturating_add(page.add_offset.into());
    let before = usize::try_from(moved).unwrap_or(0).min(ids.len());
    let mut messages = Vec::new();
    for id in ids.iter().skip(before).take(page.limit) {
        let inside =
            page.max_id.is_none_or(|max| *id < max) && page.min_id.is_none_or(|min| *id > min);
        if inside && let Some(message) = db.get::<Messages>(&(owner, *id))? {
            messages.push((*id, message));
        }
    }
    Ok(Found { messages, count: ids.len(), before })
}

impl Wanted {
    fn matches(&self, db: &dyn View, message: &MessageRow) -> Result<bool, StoreError> {
        if message.action.is_some() && (self.kind != Kind::Any || !self.words.is_empty()) {
            return Ok(false);
        }
        Ok(self.from.is_none_or(|from| message.from == from)
            && self.saved.is_none_or(|saved| origin(message) == saved)
            && self.min_date.is_none_or(|min| message.date >= min)
            && self.max_date.is_none_or(|max| message.date < max)
            && self.words.match_text(&message.text)
            && self.kind.matches(db, message)?)
    }
}

impl Kind {
    fn matches(self, db: &dyn View, message: &MessageRow) -> Result<bool, StoreError> {
        Ok(match self {
            Self::Any => true,
            Self::Nothing => false,
            Self::Pinned => message.pinned,
            Self::Link => message.entities.iter().any(|entity| {
                matches!(entity.kind, EntityKind::Url | EntityKind::TextUrl(_) | EntityKind::Email)
            }),
            Self::Photo => matches!(message.media, Some(Media::Photo { .. })),
            Self::Place => matches!(message.media, Some(Media::Geo { .. } | Media::Venue { .. })),
            Self::Contact => matches!(message.media, Some(Media::Contact { .. })),
            Self::PhotoOrVideo if matches!(message.media, Some(Media::Photo { .. })) => true,
            _ => match &message.media {
                Some(Media::Document { id, .. }) => match db.get::<Documents>(id)? {
                    Some(row) => self.covers(document_kind(&row.attributes)),
                    None => false,
                },
                _ => false,
            },
        })
    }

    /// Whether a document of one `kind` belongs to this one.
    fn covers(self, kind: Self) -> bool {
        self == kind
            || (self == Self::PhotoOrVideo && kind == Self::Video)
            || (self == Self::VoiceOrRoundVideo && matches!(kind, Self::Voice | Self::RoundVideo))
    }
}

/// What a document is to those who look through the media of a chat.
fn document_kind(attributes: &[DocumentAttribute]) -> Kind {
    let has = |wanted: fn(&DocumentAttribute) -> bool| attributes.iter().any(wanted);
    if has(|one| matches!(one, DocumentAttribute::Animated)) {
        Kind::Gif
    } else if has(|one| matches!(one, DocumentAttribute::Video { round: true, .. })) {
        Kind::RoundVideo
    } else if has(|one| matches!(one, DocumentAttribute::Video { .. })) {
        Kind::Video
    } else if has(|one| matches!(one, DocumentAttribute::Audio { voice: true, .. })) {
        Kind::Voice
    } else if has(|one| matches!(one, DocumentAttribute::Audio { .. })) {
        Kind::Music
    } else {
        Kind::Document
    }
}

/// The words of a text without regard to case; a hashtag is a word with its sign.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let inside = |c: char| c.is_alphanumeric() || c == '_' || c == '#';
    text.split(move |c| !inside(c))
        .filter(|word| word.chars().any(|c| c != '#'))
        .map(|word| word.chars().flat_map(char::to_lowercase).map(plain).collect())
}

/// The letter under which readers look for another one.
const fn plain(c: char) -> char {
    match c {
        'ё' => 'е',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: &str, text: &str, expected: bool) {
        assert_eq!(Words::parse(query).match_text(text), expected, "{query} in {text}");
    }

    #[test]
    fn all_words_must_occur_and_the_last_one_may_be_unfinished() {
        check("hello wor", "Hello, World!", true);
        check("wor hello", "Hello, World!", false);
        check("ell", "Hello, World!", false);
        check("", "anything", true);
    }

    #[test]
    fn case_does_not_matter_in_any_script() {
        check("ПРИВЕТ", "привет", true);
        check("ёлка", "Елка", true);
        check("straße", "STRAßE", true);
    }

    #[test]
    fn a_hashtag_is_not_its_word() {
        check("#tag", "see #tag", true);
        check("#tag", "see tag", false);
    }
}
