//! What BotFather says, put together piece by piece.

use crate::domain::text::{Text, utf16_len};
use crate::record::{Button, ButtonKind, Entity, EntityKind, Markup};

/// An answer in the making.
#[derive(Clone, Debug, Default)]
pub(super) struct Reply {
    text: String,
    entities: Vec<Entity>,
    choices: Vec<String>,
}

impl Reply {
    /// An answer without formatting.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Goes on with more text.
    pub(super) fn then(mut self, text: &str) -> Self {
        self.text.push_str(text);
        self
    }

    /// Goes on with text that clients copy at a touch.
    pub(super) fn code(self, text: &str) -> Self {
        self.styled(text, EntityKind::Code)
    }

    /// Goes on with text that stands out.
    pub(super) fn bold(self, text: &str) -> Self {
        self.styled(text, EntityKind::Bold)
    }

    /// Offers answers as a keyboard.
    pub(super) fn choices(mut self, choices: Vec<String>) -> Self {
        self.choices = choices;
        self
    }

    fn styled(mut self, text: &str, kind: EntityKind) -> Self {
        let entity = Entity { offset: utf16_len(&self.text), length: utf16_len(text), kind };
        self.entities.push(entity);
        self.text.push_str(text);
        self
    }

    /// The text and what stands below it. A keyboard of an earlier answer goes away.
    pub(super) fn into_parts(self) -> (Text, Markup) {
        let rows: Vec<Vec<Button>> = self
            .choices
            .into_iter()
            .map(|text| vec![Button { text, kind: ButtonKind::Text }])
            .collect();
        let markup = if rows.is_empty() {
            Markup::Hide(false)
        } else {
            Markup::Reply {
                rows,
                resize: true,
                single_use: true,
                selective: false,
                persistent: false,
                placeholder: None,
            }
        };
        (Text::formatted(self.text, self.entities), markup)
    }
}
