//! Addresses inside markup.

use super::entities::Kind;

/// What a link leads to: a user, an address, or nothing when it is none.
pub(super) fn link(url: &str) -> Option<Kind> {
    let url = url.trim();
    if let Some(user_id) = query(url, "tg://user", "id").and_then(|id| id.parse().ok()) {
        return (user_id > 0).then_some(Kind::TextMention { user_id });
    }
    checked(url).map(|url| Kind::TextLink { url })
}

/// A custom emoji or a moment.
pub(super) fn embedded(url: &str) -> Option<Kind> {
    if let Some(id) = query(url, "tg://emoji", "id") {
        return id.parse().ok().filter(|id| *id != 0).map(|id| Kind::CustomEmoji { id });
    }
    let unix = query(url, "tg://time", "unix")?.parse().ok()?;
    let format = query(url, "tg://time", "format").unwrap_or_default().to_owned();
    is_time_format(&format).then_some(Kind::DateTime { unix, format })
}

/// Whether every letter says how a moment is written.
pub(super) fn is_time_format(format: &str) -> bool {
    matches!(format, "" | "r" | "R") || format.chars().all(|letter| "tTdDwW".contains(letter))
}

fn query<'a>(url: &'a str, base: &str, name: &str) -> Option<&'a str> {
    let head = url.get(..base.len()).filter(|head| head.eq_ignore_ascii_case(base))?;
    let rest = url.get(head.len()..)?.trim_start_matches('/').strip_prefix('?')?;
    rest.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// The address in full, if it can be one: scheme and host lower-cased, a path always there.
fn checked(url: &str) -> Option<String> {
    if url.chars().any(char::is_whitespace) {
        return None;
    }
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let scheme = scheme.to_ascii_lowercase();
    if matches!(scheme.as_str(), "tg" | "ton" | "tonsite") {
        return (!rest.is_empty()).then(|| format!("{scheme}://{rest}"));
    }
    if !matches!(scheme.as_str(), "http" | "https") {
        return None;
    }
    let at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    let host = authority.rsplit('@').next()?.split(':').next()?;
    let labels = host.split('.').filter(|label| !label.is_empty()).count();
    if labels < 2 || labels != host.split('.').count() {
        return None;
    }
    let slash = if path.starts_with('/') { "" } else { "/" };
    Some(format!("{scheme}://{}{slash}{path}", authority.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expected: Option<&str>) {
        assert_eq!(checked(url).as_deref(), expected);
    }

    #[test]
    fn addresses_are_completed_or_refused() {
        check("Example.com", Some("http://example.com/"));
        check("HTTPS://Example.com/A?b", Some("https://example.com/A?b"));
        check("https://example.com?b", Some("https://example.com/?b"));
        check("tg://resolve?domain=x", Some("tg://resolve?domain=x"));
        check("localhost", None);
        check("a b.com", None);
        check("javascript://x.y", None);
    }

    #[test]
    fn users_and_emoji_have_addresses() {
        assert_eq!(link("tg://user?id=42"), Some(Kind::TextMention { user_id: 42 }));
        assert_eq!(embedded("tg://emoji?id=7"), Some(Kind::CustomEmoji { id: 7 }));
        let moment = Kind::DateTime { unix: 5, format: "tD".to_owned() };
        assert_eq!(embedded("tg://time?unix=5&format=tD"), Some(moment));
        assert_eq!(embedded("tg://time?unix=5&format=x"), None);
    }
}
