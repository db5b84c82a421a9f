//! The old dialect of Markdown: five constructs, no nesting.

use super::entities::{Draft, Formatted, Kind, ParseError};
use super::url;

/// Parses markup.
///
/// # Errors
/// `Can't find end of the entity starting at byte offset N`.
pub fn parse(markup: &str) -> Result<Formatted, ParseError> {
    let mut draft = Draft::default();
    let mut at = 0;
    while let Some(letter) = rest(markup, at).chars().next() {
        match letter {
            '\\' if rest(markup, at + 1).starts_with(['_', '*', '`', '[']) => {
                at += 1;
                if let Some(escaped) = rest(markup, at).chars().next() {
                    draft.push(escaped);
                    at += escaped.len_utf8();
                }
            }
            '_' | '*' | '`' | '[' => at = entity(markup, at, &mut draft)?,
            letter => {
                draft.push(letter);
                at += letter.len_utf8();
            }
        }
    }
    Ok(draft.finish())
}

fn rest(markup: &str, at: usize) -> &str {
    markup.get(at..).unwrap_or_default()
}

/// Reads the entity that begins at `begin` and returns where it ends.
fn entity(markup: &str, begin: usize, draft: &mut Draft) -> Result<usize, ParseError> {
    let unclosed =
        || ParseError(format!("Can't find end of the entity starting at byte offset {begin}"));
    let all = rest(markup, begin);
    let is_pre = all.starts_with("```");
    let (mut at, end) = match all.as_bytes().first() {
        _ if is_pre => (begin + 3, "```"),
        Some(b'_') => (begin + 1, "_"),
        Some(b'*') => (begin + 1, "*"),
        Some(b'`') => (begin + 1, "`"),
        _ => (begin + 1, "]"),
    };
    let mut language = String::new();
    if is_pre {
        (language, at) = pre_language(markup, at);
    }
    let offset = draft.utf16;
    let length = rest(markup, at).find(end).ok_or_else(unclosed)?;
    let content = rest(markup, at).get(..length).unwrap_or_default();
    content.chars().for_each(|letter| draft.push(letter));
    at += length + end.len();
    let kind = match (end, is_pre) {
        (_, true) => Some(Kind::Pre { language }),
        ("_", _) => Some(Kind::Italic),
        ("*", _) => Some(Kind::Bold),
        ("`", _) => Some(Kind::Code),
        _ => {
            let (kind, after) = link(markup, at, content);
            at = after;
            kind
        }
    };
    if let Some(kind) = kind {
        draft.close(offset, kind);
    }
    Ok(at)
}

/// The address in parentheses, or else the text itself. An unclosed one runs to the end.
fn link(markup: &str, at: usize, content: &str) -> (Option<Kind>, usize) {
    let Some(inside) = rest(markup, at).strip_prefix('(') else {
        return (url::link(content), at);
    };
    let length = inside.find(')').unwrap_or(inside.len());
    let address = inside.get(..length).unwrap_or_default();
    (url::link(address), (at + length + 2).min(markup.len()))
}

/// The word after the opening, if a line break or space follows it; then one line break.
pub(super) fn pre_language(markup: &str, at: usize) -> (String, usize) {
    let text = rest(markup, at);
    let end = text.find(|c: char| c.is_whitespace() || c == '`').unwrap_or(text.len());
    let word = text.get(..end).unwrap_or_default();
    let is_language = end > 0
        && !text.get(end..).unwrap_or_default().is_empty()
        && !rest(text, end).starts_with('`');
    let (language, at) =
        if is_language { (word.to_owned(), at + end) } else { (String::new(), at) };
    let after = rest(markup, at);
    let line_break = ["\r\n", "\n\r", "\n", "\r"].into_iter().find(|nl| after.starts_with(nl));
    (language, at + line_break.map_or(0, str::len))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(markup: &str, text: &str, entities: &[(usize, usize, Kind)]) {
        let found = parse(markup).unwrap();
        assert_eq!(found.text, text);
        let list: Vec<_> = found
            .entities
            .into_iter()
            .map(|entity| (entity.offset, entity.length, entity.kind))
            .collect();
        assert_eq!(list, entities);
    }

    #[test]
    fn constructs_do_not_nest() {
        check("*a_b* _c_", "a_b c", &[(0, 3, Kind::Bold), (4, 1, Kind::Italic)]);
        check("\\*a\\b `\\x`", "*a\\b \\x", &[(5, 2, Kind::Code)]);
        check("**x", "x", &[]);
    }

    #[test]
    fn blocks_may_name_their_language() {
        let pre = |language: &str| Kind::Pre { language: language.to_owned() };
        check("```rust\nx```", "x", &[(0, 1, pre("rust"))]);
        check("```\r\nx```", "x", &[(0, 1, pre(""))]);
        check("```x```", "x", &[(0, 1, pre(""))]);
    }

    #[test]
    fn links_need_no_address() {
        let link = |url: &str| Kind::TextLink { url: url.to_owned() };
        check("[t](http://a.b/)!", "t!", &[(0, 1, link("http://a.b/"))]);
        check("[a.b]", "a.b", &[(0, 3, link("http://a.b/"))]);
        check("[t](http://a.b", "t", &[(0, 1, link("http://a.b/"))]);
    }

    #[test]
    fn an_unclosed_entity_is_named_by_its_byte() {
        let error = parse("é*x").unwrap_err().to_string();
        assert_eq!(error, "Can't find end of the entity starting at byte offset 2");
    }
}
