//! The lines of the schemas in the tree, read once.

use std::sync::LazyLock;

use heliogram_tlgen::ast::Definition;
use heliogram_tlgen::history::{Entry, History};
use heliogram_tlgen::parse;

/// One line of a schema.
#[derive(Debug)]
pub(super) struct Line {
    /// Its name as it is spelt: `messages.sendMessage`.
    pub(super) name: String,
    /// What it says.
    pub(super) definition: Definition,
    /// The layers it is current in; none of them for the service schema, which has no layers.
    entry: Option<Entry>,
}

impl Line {
    /// Whether the layer has it.
    pub(super) fn is_of(&self, layer: u32) -> bool {
        self.entry.as_ref().is_some_and(|entry| entry.is_current(layer))
    }

    fn new(definition: &Definition, entry: Option<Entry>) -> Self {
        Self { name: definition.name.to_string(), definition: definition.clone(), entry }
    }
}

/// Every definition of every imported layer.
pub(super) fn lines() -> &'static [Line] {
    &LINES
}

/// The definitions of the service schema.
pub(super) fn service_lines() -> &'static [Line] {
    &SERVICE
}

/// The imported layers, ascending.
pub(super) fn layers() -> &'static [u32] {
    &HISTORY.layers
}

static HISTORY: LazyLock<History> = LazyLock::new(|| {
    let text = include_str!("../../../tl/schema/history.tl");
    History::parse(text).expect("the history in the tree is sound")
});

static LINES: LazyLock<Vec<Line>> = LazyLock::new(|| {
    let line = |entry: &Entry| Line::new(&entry.definition, Some(entry.clone()));
    HISTORY.entries.iter().map(line).collect()
});

static SERVICE: LazyLock<Vec<Line>> = LazyLock::new(|| {
    let text = include_str!("../../../tl/schema/mtproto.tl");
    let definitions = parse::schema(text).expect("the service schema in the tree is sound");
    definitions.iter().map(|definition| Line::new(definition, None)).collect()
});
