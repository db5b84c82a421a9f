//! What formatted text is made of.

/// A text and what is special about its parts.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Formatted {
    /// The text without markup.
    pub text: String,
    /// Sorted, properly nested, none empty.
    pub entities: Vec<Entity>,
}

/// A stretch of text with a meaning.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entity {
    /// Where it begins, in UTF-16 code units.
    pub offset: usize,
    /// How long it is, in UTF-16 code units.
    pub length: usize,
    /// What it means.
    pub kind: Kind,
}

/// What a stretch of text means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Kind {
    /// `@username`.
    Mention,
    /// `#hashtag`.
    Hashtag,
    /// `$USD`.
    Cashtag,
    /// `/command`.
    BotCommand,
    /// An address written out.
    Url,
    /// `name@example.com`.
    Email,
    /// A telephone number.
    Phone,
    /// The number of a bank card.
    BankCard,
    /// Bold.
    Bold,
    /// Italic.
    Italic,
    /// Underlined.
    Underline,
    /// Struck through.
    Strikethrough,
    /// Hidden until touched.
    Spoiler,
    /// Monospace within a line.
    Code,
    /// A monospace block; the language may be empty.
    Pre {
        /// For highlighting.
        language: String,
    },
    /// Text that leads to an address.
    TextLink {
        /// Where it leads.
        url: String,
    },
    /// A user without a username.
    TextMention {
        /// The user's id.
        user_id: i64,
    },
    /// A custom emoji in place of its alternative.
    CustomEmoji {
        /// Id of the document.
        id: i64,
    },
    /// A quotation.
    Blockquote {
        /// Shown collapsed at first.
        expandable: bool,
    },
    /// A moment, shown in the reader's own time zone.
    DateTime {
        /// The moment.
        unix: i64,
        /// How it is written: letters of `rRtTdDwW`.
        format: String,
    },
}

/// Why markup cannot be parsed. The words are those that bots match on.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct ParseError(pub(super) String);

impl Kind {
    /// Which of two entities over the same stretch is the outer one: the smaller.
    pub(super) const fn priority(&self) -> u8 {
        match self {
            Self::Blockquote { .. } => 0,
            Self::Pre { language } if !language.is_empty() => 10,
            Self::Pre { .. } => 11,
            Self::Code => 20,
            Self::DateTime { .. } => 30,
            Self::TextLink { .. } | Self::TextMention { .. } => 49,
            Self::Mention
            | Self::Hashtag
            | Self::Cashtag
            | Self::BotCommand
            | Self::Url
            | Self::Email
            | Self::Phone
            | Self::BankCard => 50,
            Self::Bold => 90,
            Self::Italic => 91,
            Self::Underline => 92,
            Self::Strikethrough => 93,
            Self::Spoiler => 94,
            Self::CustomEmoji { .. } => 99,
        }
    }

    /// Whether the entity may be cut in two without changing its meaning.
    pub(super) const fn is_splittable(&self) -> bool {
        matches!(
            self,
            Self::Bold | Self::Italic | Self::Underline | Self::Strikethrough | Self::Spoiler
        )
    }

    /// Whether nothing may stand inside.
    pub(super) const fn is_opaque(&self) -> bool {
        matches!(self, Self::Pre { .. } | Self::Code | Self::DateTime { .. })
    }
}

impl Entity {
    /// Where it ends, in UTF-16 code units.
    pub const fn end(&self) -> usize {
        self.offset.saturating_add(self.length)
    }
}

/// Text under construction that knows its length in UTF-16.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) utf16: usize,
    pub(super) entities: Vec<Entity>,
}

impl Draft {
    pub(super) fn push(&mut self, letter: char) {
        self.text.push(letter);
        self.utf16 += letter.len_utf16();
    }

    /// Adds an entity from `offset` up to here, unless it is empty.
    pub(super) fn close(&mut self, offset: usize, kind: Kind) {
        let length = self.utf16.saturating_sub(offset);
        if length > 0 {
            self.entities.push(Entity { offset, length, kind });
        }
    }

    pub(super) fn finish(self) -> Formatted {
        Formatted { text: self.text, entities: super::nesting::tidy(self.entities) }
    }
}
