//! Formatted text back into markup: parsing the result gives the same text and entities.

use super::entities::{Entity, Formatted, Kind};

/// As HTML.
pub fn to_html(formatted: &Formatted) -> String {
    render(formatted, html_tags, |out, letter, _| match letter {
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '&' => out.push_str("&amp;"),
        letter => out.push(letter),
    })
}

/// As Markdown of the new dialect.
///
/// It has no way to say some things that HTML can: a quotation that does not fill its lines, that
/// follows another on the next line, that something longer begins with, or before which something
/// ends; and a language with a space or a backtick in it.
pub fn to_markdown_v2(formatted: &Formatted) -> String {
    render(formatted, markdown_marks, |out, letter, open| {
        let verbatim =
            open.iter().any(|entity| matches!(entity.kind, Kind::Code | Kind::Pre { .. }));
        // A block swallows the line break behind its opening, of one letter or of two.
        let special = if verbatim { "`\\\r" } else { "_*[]()~`>#+-=|{}.!\\" };
        if special.contains(letter) {
            out.push('\\');
        }
        out.push(letter);
        if letter == '\n'
            && open.iter().any(|entity| matches!(entity.kind, Kind::Blockquote { .. }))
        {
            out.push('>');
        }
    })
}

fn render(
    formatted: &Formatted,
    marks: impl Fn(&Kind) -> (String, String),
    literal: impl Fn(&mut String, char, &[&Entity]),
) -> String {
    let mut writer = Writer { out: String::with_capacity(formatted.text.len() * 2), joint: None };
    let mut coming = formatted.entities.iter().peekable();
    let mut open: Vec<&Entity> = Vec::new();
    let mut at = 0;
    for letter in formatted.text.chars() {
        writer.close(&mut open, at, &marks);
        while let Some(entity) = coming.next_if(|entity| entity.offset <= at) {
            writer.mark(&marks(&entity.kind).0, &open);
            open.push(entity);
        }
        literal(&mut writer.out, letter, &open);
        writer.joint = None;
        at += letter.len_utf16();
    }
    writer.close(&mut open, usize::MAX, &marks);
    writer.out
}

struct Writer {
    out: String,
    /// The last letter, if it is of a mark.
    joint: Option<char>,
}

impl Writer {
    fn close(
        &mut self,
        open: &mut Vec<&Entity>,
        at: usize,
        marks: &impl Fn(&Kind) -> (String, String),
    ) {
        while let Some(entity) = open.pop_if(|entity| entity.end() <= at) {
            self.mark(&marks(&entity.kind).1, open);
        }
    }

    /// Three underscores in a row could be read in two ways: something empty keeps them apart.
    // Spec: bots/api#markdownv2-style
    fn mark(&mut self, mark: &str, open: &[&Entity]) {
        if self.joint == Some('_') && mark.starts_with('_') {
            let is_free = |kind: &Kind| !open.iter().any(|entity| entity.kind == *kind);
            let styles = [(Kind::Bold, "**"), (Kind::Strikethrough, "~~"), (Kind::Spoiler, "||||")];
            let empty =
                styles.iter().find(|(kind, _)| is_free(kind)).map_or("``", |(_, pair)| pair);
            self.out.push_str(empty);
        }
        self.out.push_str(mark);
        self.joint = mark.chars().next_back().or(self.joint);
    }
}

fn html_tags(kind: &Kind) -> (String, String) {
    let plain = |name: &str| (format!("<{name}>"), format!("</{name}>"));
    let quoted =
        |text: &str| text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    match kind {
        Kind::Bold => plain("b"),
        Kind::Italic => plain("i"),
        Kind::Underline => plain("u"),
        Kind::Strikethrough => plain("s"),
        Kind::Spoiler => plain("tg-spoiler"),
        Kind::Code => plain("code"),
        Kind::Pre { language } if language.is_empty() => plain("pre"),
        Kind::Pre { language } => {
            let language = quoted(language);
            (format!("<pre><code class=\"language-{language}\">"), "</code></pre>".to_owned())
        }
        Kind::TextLink { url } => (format!("<a href=\"{}\">", quoted(url)), "</a>".to_owned()),
        Kind::TextMention { user_id } => {
            (format!("<a href=\"tg://user?id={user_id}\">"), "</a>".to_owned())
        }
        Kind::CustomEmoji { id } => {
            (format!("<tg-emoji emoji-id=\"{id}\">"), "</tg-emoji>".to_owned())
        }
        Kind::Blockquote { expandable: true } => {
            ("<blockquote expandable>".to_owned(), "</blockquote>".to_owned())
        }
        Kind::Blockquote { expandable: false } => plain("blockquote"),
        Kind::DateTime { unix, format } => {
            let format = quoted(format);
            (format!("<tg-time unix=\"{unix}\" format=\"{format}\">"), "</tg-time>".to_owned())
        }
        _ => (String::new(), String::new()),
    }
}

fn markdown_marks(kind: &Kind) -> (String, String) {
    let same = |mark: &str| (mark.to_owned(), mark.to_owned());
    let escaped = |url: &str| url.replace('\\', "\\\\").replace(')', "\\)");
    match kind {
        Kind::Bold => same("*"),
        Kind::Italic => same("_"),
        Kind::Underline => same("__"),
        Kind::Strikethrough => same("~"),
        Kind::Spoiler => same("||"),
        Kind::Code => same("`"),
        Kind::Pre { language } => (format!("```{language}\n"), "```".to_owned()),
        Kind::TextLink { url } => ("[".to_owned(), format!("]({})", escaped(url))),
        Kind::TextMention { user_id } => ("[".to_owned(), format!("](tg://user?id={user_id})")),
        Kind::CustomEmoji { id } => ("![".to_owned(), format!("](tg://emoji?id={id})")),
        Kind::Blockquote { expandable } => {
            (">".to_owned(), if *expandable { "||" } else { "" }.to_owned())
        }
        Kind::DateTime { unix, format } => {
            ("![".to_owned(), format!("](tg://time?unix={unix}&format={format})"))
        }
        _ => (String::new(), String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{parse_html, parse_markdown_v2};

    #[track_caller]
    fn check(html: &str) {
        let formatted = parse_html(html).unwrap();
        assert_eq!(to_html(&formatted), html);
        assert_eq!(parse_markdown_v2(&to_markdown_v2(&formatted)).unwrap(), formatted);
    }

    #[test]
    fn markup_survives_both_ways() {
        check("<b>a.<i>b</i></b> &lt;c&gt; <code>d`\\</code>");
        check("<pre><code class=\"language-rust\">fn()</code></pre>");
        check("<a href=\"http://a.b/(x)?y&amp;z\">t</a> <tg-emoji emoji-id=\"5\">😀</tg-emoji>");
        check("x\n<blockquote expandable>a\nb</blockquote>");
        check("<tg-spoiler>😀<u>x</u></tg-spoiler>");
    }

    #[test]
    fn underscores_of_two_marks_are_kept_apart() {
        check("<i><u>a</u></i>");
        check("<i>a<u>b</u></i>c");
        check("<u><i>a</i>b</u>");
        check("<b><i><u>a</u>b</i><s>c<u>d</u></s></b>");
        check("<b><s><tg-spoiler>x<u>a<i>b</i></u></tg-spoiler></s></b>");
    }

    #[test]
    fn a_block_keeps_its_first_line_break() {
        check("<pre>\ra</pre>");
        check("<pre>\n\ra</pre>");
        check("<pre><code class=\"language-rust\">\r\na</code></pre>");
    }
}
