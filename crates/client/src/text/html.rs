//! HTML as bots write it: a handful of tags, four named references.

use super::entities::{Draft, Formatted, Kind, ParseError};
use super::url;

/// Parses markup.
///
/// # Errors
/// In the words of the official server, offsets in bytes.
pub fn parse(markup: &str) -> Result<Formatted, ParseError> {
    let mut parser =
        Parser { markup, at: 0, draft: Draft::default(), open: Vec::new(), code: None };
    parser.run()?;
    Ok(parser.draft.finish())
}

const TAGS: &[&str] = &[
    "a",
    "b",
    "blockquote",
    "code",
    "del",
    "em",
    "i",
    "ins",
    "pre",
    "s",
    "span",
    "strike",
    "strong",
    "tg-emoji",
    "tg-spoiler",
    "tg-time",
    "u",
];

struct Parser<'a> {
    markup: &'a str,
    at: usize,
    draft: Draft,
    open: Vec<Open>,
    /// The code that was closed last, for `<pre><code class="language-x">`.
    code: Option<(usize, usize, String)>,
}

/// A start tag that waits for its end.
struct Open {
    name: String,
    /// The attribute that matters.
    argument: Option<String>,
    format: String,
    offset: usize,
    text_at: usize,
}

impl Parser<'_> {
    fn run(&mut self) -> Result<(), ParseError> {
        while let Some(letter) = self.peek() {
            match letter {
                '&' => match reference(self.rest())? {
                    Some((letter, length)) => {
                        self.at += length;
                        self.draft.push(letter);
                    }
                    None => self.literal(letter),
                },
                '<' if self.rest().starts_with("</") => self.end_tag()?,
                '<' => self.start_tag()?,
                letter => self.literal(letter),
            }
        }
        match self.open.last() {
            Some(open) => Err(ParseError(format!(
                "Can't find end tag corresponding to start tag \"{}\"",
                open.name
            ))),
            None => Ok(()),
        }
    }

    fn rest(&self) -> &str {
        self.markup.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn literal(&mut self, letter: char) {
        self.at += letter.len_utf8();
        self.draft.push(letter);
    }

    /// Takes letters while they fit.
    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> String {
        let rest = self.rest();
        let end = rest.find(|letter| !fits(letter)).unwrap_or(rest.len());
        let taken = rest.get(..end).unwrap_or_default().to_owned();
        self.at += end;
        taken
    }

    fn skip_space(&mut self) {
        self.take_while(|letter| letter.is_ascii_whitespace());
    }

    fn start_tag(&mut self) -> Result<(), ParseError> {
        let begin = self.at;
        self.at += 1;
        let name = self.take_while(|c| !c.is_ascii_whitespace() && c != '>').to_ascii_lowercase();
        if self.peek().is_none() {
            return Err(ParseError(format!("Unclosed start tag at byte offset {begin}")));
        }
        if !TAGS.contains(&name.as_str()) {
            return Err(ParseError(format!(
                "Unsupported start tag \"{name}\" at byte offset {begin}"
            )));
        }
        let (offset, text_at) = (self.draft.utf16, self.draft.text.len());
        let mut open = Open { name, argument: None, format: String::new(), offset, text_at };
        let unclosed = |name: &str| {
            ParseError(format!("Unclosed start tag \"{name}\" at byte offset {begin}"))
        };
        loop {
            self.skip_space();
            match self.peek() {
                None => return Err(unclosed(&open.name)),
                Some('>') => break,
                Some(_) => {}
            }
            let (attribute, value) = self.attribute(&open.name, begin)?;
            if self.peek().is_none() {
                return Err(unclosed(&open.name));
            }
            open.attribute(&attribute, value);
        }
        self.at += 1;
        if open.name == "span" && open.argument.is_none() {
            return Err(ParseError(format!(
                "Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"
            )));
        }
        self.open.push(open);
        Ok(())
    }

    /// The name and, if there is an equals sign, the value.
    fn attribute(
        &mut self,
        tag: &str,
        begin: usize,
    ) -> Result<(String, Option<String>), ParseError> {
        let name = self.take_while(|c| !c.is_ascii_whitespace() && c != '=' && c != '>');
        if name.is_empty() {
            return Err(ParseError(format!(
                "Empty attribute name in the tag \"{tag}\" at byte offset {begin}"
            )));
        }
        self.skip_space();
        if self.peek() != Some('=') {
            return Ok((name.to_ascii_lowercase(), None));
        }
        self.at += 1;
        self.skip_space();
        let value = match self.peek() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote)?,
            _ => {
                let token_at = self.at;
                let token = self.take_while(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
                if self.peek().is_some_and(|c| !c.is_ascii_whitespace() && c != '>') {
                    return Err(ParseError(format!(
                        "Unexpected end of name token at byte offset {token_at}"
                    )));
                }
                token.to_ascii_lowercase()
            }
        };
        Ok((name.to_ascii_lowercase(), Some(value)))
    }

    fn quoted(&mut self, quote: char) -> Result<String, ParseError> {
        self.at += 1;
        let mut value = String::new();
        while let Some(letter) = self.peek() {
            if letter == quote {
                self.at += 1;
                break;
            }
            let (letter, length) = match letter {
                '&' => reference(self.rest())?.unwrap_or(('&', 1)),
                letter => (letter, letter.len_utf8()),
            };
            self.at += length;
            value.push(letter);
        }
        Ok(value)
    }

    fn end_tag(&mut self) -> Result<(), ParseError> {
        let begin = self.at;
        let Some(open) = self.open.pop() else {
            return Err(ParseError(format!("Unexpected end tag at byte offset {begin}")));
        };
        self.at += 2;
        let name = self.take_while(|c| !c.is_ascii_whitespace() && c != '>').to_ascii_lowercase();
        self.skip_space();
        if self.peek() != Some('>') {
            return Err(ParseError(format!("Unclosed end tag at byte offset {begin}")));
        }
        self.at += 1;
        if !name.is_empty() && name != open.name {
            return Err(ParseError(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{}>\", found \"</{name}>\"",
                open.name
            )));
        }
        self.close(open)
    }

    fn close(&mut self, open: Open) -> Result<(), ParseError> {
        let Open { name, argument, format, offset, text_at } = open;
        if self.draft.utf16 <= offset {
            return Ok(());
        }
        let kind = match name.as_str() {
            "b" | "strong" => Kind::Bold,
            "i" | "em" => Kind::Italic,
            "u" | "ins" => Kind::Underline,
            "s" | "strike" | "del" => Kind::Strikethrough,
            "span" | "tg-spoiler" => Kind::Spoiler,
            "blockquote" => Kind::Blockquote { expandable: argument.is_some() },
            "code" => {
                self.code = argument.map(|language| (offset, self.draft.utf16, language));
                Kind::Code
            }
            "pre" => Kind::Pre { language: self.pre_language(offset) },
            "tg-emoji" => {
                let id = argument.and_then(|id| id.parse().ok()).filter(|id| *id != 0);
                let id = id.ok_or_else(|| {
                    ParseError("Invalid custom emoji identifier specified".to_owned())
                })?;
                Kind::CustomEmoji { id }
            }
            "tg-time" => {
                let unix = argument.and_then(|unix| unix.parse().ok());
                match unix.filter(|_| url::is_time_format(&format)) {
                    Some(unix) => Kind::DateTime { unix, format },
                    None => {
                        return Err(ParseError("Invalid date-time format specified".to_owned()));
                    }
                }
            }
            _ => {
                let own = self.draft.text.get(text_at..).unwrap_or_default();
                match url::link(argument.as_deref().filter(|url| !url.is_empty()).unwrap_or(own)) {
                    Some(kind) => kind,
                    None => return Ok(()),
                }
            }
        };
        self.draft.close(offset, kind);
        Ok(())
    }

    /// The language of the code that fills the block exactly; that code is then no entity.
    fn pre_language(&mut self, offset: usize) -> String {
        let whole = (offset, self.draft.utf16);
        let Some((begin, end, language)) = self.code.take() else { return String::new() };
        if (begin, end) != whole {
            return String::new();
        }
        self.draft.entities.retain(|entity| {
            !(entity.kind == Kind::Code && (entity.offset, entity.end()) == whole)
        });
        language
    }
}

impl Open {
    fn attribute(&mut self, attribute: &str, value: Option<String>) {
        match (self.name.as_str(), attribute) {
            ("a", "href") | ("tg-emoji", "emoji-id") | ("tg-time", "unix") => self.argument = value,
            ("tg-time", "format") => self.format = value.unwrap_or_default(),
            ("blockquote", "expandable") => self.argument = Some(String::new()),
            ("span", "class") => self.argument = value.filter(|class| class == "tg-spoiler"),
            ("code", "class") => {
                let language = value.as_deref().and_then(|class| class.strip_prefix("language-"));
                self.argument = language.map(str::to_owned);
            }
            _ => {}
        }
    }
}

/// The letter that a reference at the start of `text` stands for, and its length in bytes.
fn reference(text: &str) -> Result<Option<(char, usize)>, ParseError> {
    let name = text.get(1..).unwrap_or_default();
    let (letter, length) = if let Some(number) = name.strip_prefix('#') {
        let (digits, radix, prefix) = match number.strip_prefix(['x', 'X']) {
            Some(hex) => (hex, 16, 3),
            None => (number, 10, 2),
        };
        let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        let code = digits.get(..end).and_then(|digits| u32::from_str_radix(digits, radix).ok());
        match code {
            Some(code) if (1..=0x10_fffe).contains(&code) && prefix + end <= 9 => {
                let letter = char::from_u32(code).ok_or_else(|| {
                    ParseError(
                        "Text contains invalid Unicode characters after decoding HTML entities, \
                         check for unmatched surrogate code units"
                            .to_owned(),
                    )
                })?;
                (letter, prefix + end)
            }
            _ => return Ok(None),
        }
    } else {
        let end = name.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(name.len());
        let letter = match name.get(..end) {
            Some("lt") => '<',
            Some("gt") => '>',
            Some("amp") => '&',
            Some("quot") => '"',
            _ => return Ok(None),
        };
        (letter, 1 + end)
    };
    let semicolon = usize::from(text.get(length..).is_some_and(|rest| rest.starts_with(';')));
    Ok(Some((letter, length + semicolon)))
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

    #[track_caller]
    fn refused(markup: &str, expected: &str) {
        assert_eq!(parse(markup).unwrap_err().to_string(), expected);
    }

    #[test]
    fn tags_become_entities_in_utf16() {
        check("😀<b>x</b>", "😀x", &[(2, 1, Kind::Bold)]);
        check("<B>a<i>b</i></B>", "ab", &[(0, 2, Kind::Bold), (1, 1, Kind::Italic)]);
        check("<b></b>x", "x", &[]);
        check("<u>a</>", "a", &[(0, 1, Kind::Underline)]);
        check("<span class=\"tg-spoiler\">a</span>", "a", &[(0, 1, Kind::Spoiler)]);
        let quote = Kind::Blockquote { expandable: true };
        check("<blockquote expandable>a</blockquote>", "a", &[(0, 1, quote)]);
    }

    #[test]
    fn links_lead_somewhere_or_are_text() {
        let link = |url: &str| Kind::TextLink { url: url.to_owned() };
        check("<a href='http://a.b/?x&amp;y'>t</a>", "t", &[(0, 1, link("http://a.b/?x&y"))]);
        check("<a>a.b</a>", "a.b", &[(0, 3, link("http://a.b/"))]);
        check("<a href=\"nowhere\">t</a>", "t", &[]);
        check("<a href=\"tg://user?id=9\">t</a>", "t", &[(0, 1, Kind::TextMention { user_id: 9 })]);
        check("<tg-emoji emoji-id=\"5\">x</tg-emoji>", "x", &[(0, 1, Kind::CustomEmoji { id: 5 })]);
    }

    #[test]
    fn a_language_needs_code_that_fills_its_block() {
        let pre = |language: &str| Kind::Pre { language: language.to_owned() };
        check("<pre><code class=\"language-rust\">x</code></pre>", "x", &[(0, 1, pre("rust"))]);
        check("<code class=\"language-rust\">x</code>", "x", &[(0, 1, Kind::Code)]);
    }

    #[test]
    fn references_are_few() {
        check("&lt;&gt;&amp;&quot;&#65;&#x42;&nbsp;& &lt", "<>&\"AB&nbsp;& <", &[]);
    }

    #[test]
    fn errors_speak_the_official_words() {
        refused("<x>", "Unsupported start tag \"x\" at byte offset 0");
        refused("é<b", "Unclosed start tag at byte offset 2");
        refused("<b ", "Unclosed start tag \"b\" at byte offset 0");
        refused("<b>x", "Can't find end tag corresponding to start tag \"b\"");
        refused("x</b>", "Unexpected end tag at byte offset 1");
        refused(
            "<b>x</i>",
            "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\"",
        );
        refused("<b>x</b", "Unclosed end tag at byte offset 4");
        refused("<span>x</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0");
        refused("<a =x>", "Empty attribute name in the tag \"a\" at byte offset 0");
        refused("<a href=x/y>", "Unexpected end of name token at byte offset 8");
        refused(
            "<tg-emoji emoji-id=\"z\">x</tg-emoji>",
            "Invalid custom emoji identifier specified",
        );
    }
}
