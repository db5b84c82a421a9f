//! The new dialect of Markdown: constructs nest, and what is reserved must be escaped.

use super::entities::{Draft, Formatted, Kind, ParseError};
use super::{markdown, url};

/// Parses markup.
///
/// # Errors
/// In the words of the official server, offsets in bytes.
pub fn parse(markup: &str) -> Result<Formatted, ParseError> {
    let mut parser = Parser {
        markup,
        at: 0,
        draft: Draft::default(),
        open: Vec::new(),
        at_line_start: true,
        expandable: false,
    };
    parser.run()?;
    Ok(parser.draft.finish())
}

const RESERVED: &str = "_*[]()~`>#+-=|{}.!";

#[derive(Clone, Debug, Eq, PartialEq)]
enum Construct {
    Bold,
    Italic,
    Underline,
    Strikethrough,
    Spoiler,
    Code,
    Pre { language: String },
    TextUrl,
    CustomEmoji,
    Blockquote,
}

struct Open {
    construct: Construct,
    offset: usize,
    /// Where it begins in the markup, and in the text.
    begin: usize,
    text_at: usize,
}

struct Parser<'a> {
    markup: &'a str,
    at: usize,
    draft: Draft,
    open: Vec<Open>,
    at_line_start: bool,
    /// The quotation that is open has been marked as one to collapse.
    expandable: bool,
}

impl Construct {
    const fn name(&self) -> &'static str {
        match self {
            Self::Bold => "Bold",
            Self::Italic => "Italic",
            Self::Underline => "Underline",
            Self::Strikethrough => "Strikethrough",
            Self::Spoiler => "Spoiler",
            Self::Code => "Code",
            Self::Pre { language } if language.is_empty() => "Pre",
            Self::Pre { .. } => "PreCode",
            Self::TextUrl => "TextUrl",
            Self::CustomEmoji => "CustomEmoji",
            Self::Blockquote => "BlockQuote",
        }
    }

    /// What ends it.
    const fn closing(&self) -> &'static str {
        match self {
            Self::Bold => "*",
            Self::Italic => "_",
            Self::Underline => "__",
            Self::Strikethrough => "~",
            Self::Spoiler => "||",
            Self::Code => "`",
            Self::Pre { .. } => "```",
            Self::TextUrl | Self::CustomEmoji => "]",
            Self::Blockquote => "\n",
        }
    }
}

impl Parser<'_> {
    fn run(&mut self) -> Result<(), ParseError> {
        while let Some(letter) = self.rest().chars().next() {
            self.step(letter)?;
        }
        if self.innermost() == Some(&Construct::Blockquote) {
            self.close_quote();
        }
        match self.open.last() {
            Some(open) => Err(unclosed(open)),
            None => Ok(()),
        }
    }

    fn rest(&self) -> &str {
        self.markup.get(self.at..).unwrap_or_default()
    }

    fn innermost(&self) -> Option<&Construct> {
        self.open.last().map(|open| &open.construct)
    }

    fn step(&mut self, letter: char) -> Result<(), ParseError> {
        let escaped = self.rest().chars().nth(1).filter(|c| (1..=126).contains(&u32::from(*c)));
        if let ('\\', Some(escaped)) = (letter, escaped) {
            self.at += 1;
            self.literal(escaped);
            return Ok(());
        }
        let verbatim = matches!(self.innermost(), Some(Construct::Code | Construct::Pre { .. }));
        if self.at_line_start && letter == '>' && !verbatim && !self.in_quote() {
            self.push(Construct::Blockquote, 1);
            return Ok(());
        }
        if letter == '\n' && self.in_quote() {
            return self.line_break_in_quote();
        }
        let special = if verbatim { letter == '`' } else { RESERVED.contains(letter) };
        if !special {
            self.literal(letter);
            return Ok(());
        }
        if self.ends_here() {
            self.end()
        } else if verbatim {
            self.literal(letter);
            Ok(())
        } else {
            self.begin(letter)
        }
    }

    fn in_quote(&self) -> bool {
        self.open.iter().any(|open| open.construct == Construct::Blockquote)
    }

    fn literal(&mut self, letter: char) {
        self.at += letter.len_utf8();
        self.draft.push(letter);
        self.at_line_start = letter == '\n' || (letter == '\r' && self.at_line_start);
    }

    /// The quotation goes on when the next line begins with its sign, and ends otherwise.
    fn line_break_in_quote(&mut self) -> Result<(), ParseError> {
        let goes_on = self.rest().get(1..).unwrap_or_default().starts_with('>');
        if goes_on {
            self.literal('\n');
            self.at += 1;
            self.at_line_start = false;
            return Ok(());
        }
        if let Some(open) = self.open.last().filter(|open| open.construct != Construct::Blockquote)
        {
            return Err(unclosed(open));
        }
        self.close_quote();
        self.literal('\n');
        Ok(())
    }

    fn close_quote(&mut self) {
        if let Some(open) = self.open.pop() {
            let expandable = std::mem::take(&mut self.expandable);
            self.draft.close(open.offset, Kind::Blockquote { expandable });
        }
    }

    fn push(&mut self, construct: Construct, length: usize) {
        let (offset, text_at) = (self.draft.utf16, self.draft.text.len());
        self.open.push(Open { construct, offset, begin: self.at, text_at });
        self.at += length;
        self.at_line_start = false;
    }

    fn ends_here(&self) -> bool {
        let Some(construct) = self.innermost() else { return false };
        let fits =
            *construct != Construct::Blockquote && self.rest().starts_with(construct.closing());
        // A doubled underscore belongs to an underline, which is matched greedily.
        fits && !(*construct == Construct::Italic && self.rest().starts_with("__"))
    }

    fn begin(&mut self, letter: char) -> Result<(), ParseError> {
        let rest = self.rest();
        let (construct, length) = match letter {
            '*' => (Construct::Bold, 1),
            '_' if rest.starts_with("__") => (Construct::Underline, 2),
            '_' => (Construct::Italic, 1),
            '~' => (Construct::Strikethrough, 1),
            '|' if rest.starts_with("||") => {
                if self.marks_expandable() {
                    self.expandable = true;
                    self.at += 2;
                    return Ok(());
                }
                (Construct::Spoiler, 2)
            }
            '[' => (Construct::TextUrl, 1),
            '!' if rest.starts_with("![") => (Construct::CustomEmoji, 2),
            '`' if rest.starts_with("```") => {
                let (language, at) = markdown::pre_language(self.markup, self.at + 3);
                (Construct::Pre { language }, at - self.at)
            }
            '`' => (Construct::Code, 1),
            reserved => {
                return Err(ParseError(format!(
                    "Character '{reserved}' is reserved and must be escaped with the preceding '\\'"
                )));
            }
        };
        self.push(construct, length);
        Ok(())
    }

    /// Two bars at the very end of a quotation collapse it.
    fn marks_expandable(&self) -> bool {
        let after = self.rest().get(2..).unwrap_or_default();
        let last = after.is_empty() || (after.starts_with('\n') && !after.starts_with("\n>"));
        last && self.innermost() == Some(&Construct::Blockquote)
    }

    fn end(&mut self) -> Result<(), ParseError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        self.at += open.construct.closing().len();
        self.at_line_start = false;
        let own = self.draft.text.get(open.text_at..).unwrap_or_default().to_owned();
        let kind = match open.construct {
            Construct::Bold => Some(Kind::Bold),
            Construct::Italic => Some(Kind::Italic),
            Construct::Underline => Some(Kind::Underline),
            Construct::Strikethrough => Some(Kind::Strikethrough),
            Construct::Spoiler => Some(Kind::Spoiler),
            Construct::Code => Some(Kind::Code),
            Construct::Pre { language } => Some(Kind::Pre { language }),
            Construct::TextUrl => url::link(&self.address()?.unwrap_or(own)),
            Construct::CustomEmoji => Some(self.embedded()?),
            Construct::Blockquote => None,
        };
        if let Some(kind) = kind {
            self.draft.close(open.offset, kind);
        }
        Ok(())
    }

    fn embedded(&mut self) -> Result<Kind, ParseError> {
        let address = self.address()?.ok_or_else(|| {
            ParseError("The entity must contain a tg://emoji or tg://time URL".to_owned())
        })?;
        url::embedded(&address)
            .ok_or_else(|| ParseError("Invalid tg://emoji or tg://time URL specified".to_owned()))
    }

    /// The address in parentheses, escapes undone, if there are parentheses.
    fn address(&mut self) -> Result<Option<String>, ParseError> {
        if !self.rest().starts_with('(') {
            return Ok(None);
        }
        self.at += 1;
        let begin = self.at;
        let mut address = String::new();
        loop {
            let mut letters = self.rest().chars();
            let letter = match (letters.next(), letters.next()) {
                (None, _) => {
                    return Err(ParseError(format!(
                        "Can't find end of a URL at byte offset {begin}"
                    )));
                }
                (Some(')'), _) => break,
                (Some('\\'), Some(escaped)) if (1..=126).contains(&u32::from(escaped)) => {
                    self.at += 1;
                    escaped
                }
                (Some(letter), _) => letter,
            };
            self.at += letter.len_utf8();
            address.push(letter);
        }
        self.at += 1;
        Ok(Some(address))
    }
}

fn unclosed(open: &Open) -> ParseError {
    let name = open.construct.name();
    ParseError(format!("Can't find end of {name} entity at byte offset {}", open.begin))
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
    fn constructs_nest() {
        check("*a _b_*", "a b", &[(0, 3, Kind::Bold), (2, 1, Kind::Italic)]);
        check(
            "__u__ ~s~ ||h||",
            "u s h",
            &[(0, 1, Kind::Underline), (2, 1, Kind::Strikethrough), (4, 1, Kind::Spoiler)],
        );
        check("😀*x*", "😀x", &[(2, 1, Kind::Bold)]);
    }

    #[test]
    fn what_is_escaped_is_text() {
        check("\\*a\\_ \\a", "*a_ a", &[]);
        check("`a*b\\`c`", "a*b`c", &[(0, 5, Kind::Code)]);
    }

    #[test]
    fn code_keeps_what_is_reserved_elsewhere() {
        let pre = |language: &str| Kind::Pre { language: language.to_owned() };
        check("```py\na.b-c```", "a.b-c", &[(0, 5, pre("py"))]);
        check("```a`b```", "a`b", &[(0, 3, pre(""))]);
    }

    #[test]
    fn links_and_emoji_have_addresses() {
        let link = |url: &str| Kind::TextLink { url: url.to_owned() };
        check("[t](http://a.b/\\))", "t", &[(0, 1, link("http://a.b/)"))]);
        check("![x](tg://emoji?id=5)", "x", &[(0, 1, Kind::CustomEmoji { id: 5 })]);
    }

    #[test]
    fn quotations_run_from_line_to_line() {
        let quote = |expandable| Kind::Blockquote { expandable };
        check(">a\n>b\nc", "a\nb\nc", &[(0, 3, quote(false))]);
        check(">a\n>b||", "a\nb", &[(0, 3, quote(true))]);
        check("x\n>*a*", "x\na", &[(2, 1, quote(false)), (2, 1, Kind::Bold)]);
    }

    #[test]
    fn errors_speak_the_official_words() {
        let reserved = |c: char| {
            format!("Character '{c}' is reserved and must be escaped with the preceding '\\'")
        };
        refused("a.", &reserved('.'));
        refused("a>", &reserved('>'));
        refused("a!b", &reserved('!'));
        refused("é*a", "Can't find end of Bold entity at byte offset 2");
        refused(">*a\nb", "Can't find end of Bold entity at byte offset 1");
        refused("```py\nx", "Can't find end of PreCode entity at byte offset 0");
        refused("[t](http://a.b", "Can't find end of a URL at byte offset 4");
        refused("![t]", "The entity must contain a tg://emoji or tg://time URL");
        refused("![t](http://a.b)", "Invalid tg://emoji or tg://time URL specified");
    }
}
