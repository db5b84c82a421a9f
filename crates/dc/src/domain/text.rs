//! Message text that is ready to store.

use crate::error::{Rpc, RpcError};
use crate::record::{Entity, EntityKind};

/// Text without surrounding white space, within the length limit, with entities that fit it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Text {
    text: String,
    entities: Vec<Entity>,
}

/// The entities of one text before they are checked.
pub(crate) struct Formatting {
    pub(crate) entities: Vec<Entity>,
    pub(crate) max: usize,
}

impl Text {
    /// Checks a text that may be empty: a caption.
    ///
    /// # Errors
    /// `too_long`, `ENTITY_BOUNDS_INVALID`.
    pub(crate) fn parse(
        raw: &str,
        utf16_max: usize,
        too_long: RpcError,
        formatting: Formatting,
    ) -> Rpc<Self> {
        let clean: String = raw.chars().filter(|c| is_allowed(*c)).collect();
        let start_trimmed = clean.trim_start();
        let cut = utf16_len(&clean) - utf16_len(start_trimmed);
        let text = start_trimmed.trim_end();
        let length = utf16_len(text);
        if length > u32::try_from(utf16_max).unwrap_or(u32::MAX) {
            return Err(too_long);
        }
        let entities = fit(formatting, utf16_len(raw), cut, length)?;
        let mut whole = Self { text: text.to_owned(), entities };
        whole.detect();
        Ok(whole)
    }

    /// Checks the text of a message.
    ///
    /// # Errors
    /// `MESSAGE_EMPTY`, `MESSAGE_TOO_LONG`, `ENTITY_BOUNDS_INVALID`.
    pub(crate) fn parse_message(raw: &str, utf16_max: usize, formatting: Formatting) -> Rpc<Self> {
        let text = Self::parse(raw, utf16_max, RpcError::MESSAGE_TOO_LONG, formatting)?;
        if text.text.is_empty() { Err(RpcError::MESSAGE_EMPTY) } else { Ok(text) }
    }

    /// A text of our own making.
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        let mut whole = Self { text: text.into(), entities: Vec::new() };
        whole.detect();
        whole
    }

    /// A text of our own making, with formatting that fits it.
    pub(crate) fn formatted(text: impl Into<String>, entities: Vec<Entity>) -> Self {
        let mut whole = Self { text: text.into(), entities };
        whole.detect();
        whole
    }

    /// The parts to store.
    pub(crate) fn into_parts(self) -> (String, Vec<Entity>) {
        (self.text, self.entities)
    }

    /// Adds what the server finds by itself: mentions, hashtags, commands, links, mail addresses.
    fn detect(&mut self) {
        let found = detected(&self.text);
        for entity in found {
            let overlaps = self.entities.iter().any(|other| {
                other.offset < entity.offset + entity.length
                    && entity.offset < other.offset + other.length
                    && !is_style(&other.kind)
            });
            if !overlaps {
                self.entities.push(entity);
            }
        }
        self.entities.sort_by_key(|entity| (entity.offset, u32::MAX - entity.length));
    }
}

/// Length in UTF-16 units, as clients count.
#[allow(clippy::cast_possible_truncation)] // Texts are bounded by the frame size.
pub(crate) fn utf16_len(text: &str) -> u32 {
    text.chars().map(char::len_utf16).sum::<usize>() as u32
}

/// Line feeds and tabs are text; other control characters are not.
fn is_allowed(c: char) -> bool {
    c == '\n' || c == '\t' || !c.is_control()
}

/// Styles may overlay anything; the rest (code, links, mentions) excludes a detected entity.
const fn is_style(kind: &EntityKind) -> bool {
    matches!(
        kind,
        EntityKind::Bold
            | EntityKind::Italic
            | EntityKind::Underline
            | EntityKind::Strike
            | EntityKind::Spoiler
            | EntityKind::Blockquote(_)
    )
}

fn fit(formatting: Formatting, raw_len: u32, cut: u32, length: u32) -> Rpc<Vec<Entity>> {
    let mut fitted = Vec::new();
    for entity in formatting.entities.into_iter().take(formatting.max) {
        let end =
            entity.offset.checked_add(entity.length).ok_or(RpcError::ENTITY_BOUNDS_INVALID)?;
        if end > raw_len {
            return Err(RpcError::ENTITY_BOUNDS_INVALID);
        }
        let start = entity.offset.max(cut) - cut;
        let end = end.saturating_sub(cut).min(length);
        if start < end {
            fitted.push(Entity { offset: start, length: end - start, kind: entity.kind });
        }
    }
    Ok(fitted)
}

/// Entities that need no mark-up. Words are split at white space and brackets.
fn detected(text: &str) -> Vec<Entity> {
    let mut found = Vec::new();
    let mut offset = 0;
    for word in text.split_inclusive(|c: char| c.is_whitespace() || "()[]{}<>,;\"'".contains(c)) {
        let bare =
            word.trim_end_matches(|c: char| c.is_whitespace() || "()[]{}<>,;\"'.!?:".contains(c));
        if let Some(kind) = kind_of(bare) {
            found.push(Entity { offset, length: utf16_len(bare), kind });
        }
        offset += utf16_len(word);
    }
    found
}

fn kind_of(word: &str) -> Option<EntityKind> {
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if let Some(name) = word.strip_prefix('@') {
        return (is_name(name) && (3..=32).contains(&name.len())).then_some(EntityKind::Mention);
    }
    if let Some(tag) = word.strip_prefix('#') {
        let is_tag = tag.chars().all(|c| c.is_alphanumeric() || c == '_')
            && tag.chars().any(|c| !c.is_ascii_digit());
        return (is_tag && !tag.is_empty()).then_some(EntityKind::Hashtag);
    }
    if let Some(tag) = word.strip_prefix('$') {
        let is_tag = (1..=8).contains(&tag.len()) && tag.chars().all(|c| c.is_ascii_uppercase());
        return is_tag.then_some(EntityKind::Cashtag);
    }
    if let Some(command) = word.strip_prefix('/') {
        let (name, bot) = command.split_once('@').unwrap_or((command, "bot"));
        let fits =
            (1..=64).contains(&name.len()) && is_name(name) && is_name(bot) && bot.len() >= 3;
        return fits.then_some(EntityKind::BotCommand);
    }
    let lower = word.to_ascii_lowercase();
    for scheme in ["http://", "https://", "tg://", "ton://"] {
        if let Some(rest) = lower.strip_prefix(scheme) {
            return (!rest.is_empty()).then_some(EntityKind::Url);
        }
    }
    if let Some((local, host)) = lower.split_once('@') {
        let is_mail = !local.is_empty() && is_host(host);
        return is_mail.then_some(EntityKind::Email);
    }
    let host = lower.split(['/', '?', '#']).next().unwrap_or_default();
    is_host(host).then_some(EntityKind::Url)
}

/// A host name under one of the commonest top-level domains; others need their scheme written out.
fn is_host(host: &str) -> bool {
    const TOP: [&str; 16] = [
        "com", "org", "net", "me", "io", "dev", "app", "ru", "de", "uk", "fr", "info", "eu", "cn",
        "in", "us",
    ];
    let Some((name, top)) = host.rsplit_once('.') else { return false };
    let label = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    TOP.contains(&top) && name.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_formatting() -> Formatting {
        Formatting { entities: Vec::new(), max: 100 }
    }

    #[track_caller]
    fn check(raw: &str, expected: Result<&str, &str>) {
        let parsed = Text::parse_message(raw, 8, no_formatting());
        let found =
            parsed.map(|text| text.into_parts().0).map_err(|error| error.text().into_owned());
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned));
    }

    #[test]
    fn blank_text_is_refused() {
        check(" \n\t", Err("MESSAGE_EMPTY"));
        check("", Err("MESSAGE_EMPTY"));
    }

    #[test]
    fn length_is_counted_in_utf16_units() {
        check("😀😀😀😀", Ok("😀😀😀😀"));
        check("😀😀😀😀😀", Err("MESSAGE_TOO_LONG"));
    }

    #[test]
    fn surrounding_white_space_goes_and_entities_move_along() {
        let bold = Entity { offset: 2, length: 5, kind: EntityKind::Bold };
        let formatting = Formatting { entities: vec![bold], max: 100 };
        let text = Text::parse_message("  hello  ", 100, formatting).expect("the text is fine");
        assert_eq!(
            text.into_parts(),
            ("hello".to_owned(), vec![Entity { offset: 0, length: 5, kind: EntityKind::Bold }],)
        );
    }

    #[test]
    fn entities_outside_the_text_are_refused() {
        let bold = Entity { offset: 3, length: 3, kind: EntityKind::Bold };
        let formatting = Formatting { entities: vec![bold], max: 100 };
        assert_eq!(
            Text::parse_message("hello", 100, formatting),
            Err(RpcError::ENTITY_BOUNDS_INVALID)
        );
    }

    #[track_caller]
    fn check_detected(text: &str, expected: &[(u32, u32, EntityKind)]) {
        let found: Vec<_> =
            detected(text).into_iter().map(|e| (e.offset, e.length, e.kind)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_server_finds_what_needs_no_markup() {
        check_detected("/start@some_bot now", &[(0, 15, EntityKind::BotCommand)]);
        check_detected(
            "see @alice, #tag.",
            &[(4, 6, EntityKind::Mention), (12, 4, EntityKind::Hashtag)],
        );
        check_detected("😀 https://a.b/c", &[(3, 13, EntityKind::Url)]);
        check_detected(
            "mail a@b.com or b.org/x",
            &[(5, 7, EntityKind::Email), (16, 7, EntityKind::Url)],
        );
        check_detected("3.5 is a number", &[]);
    }
}
