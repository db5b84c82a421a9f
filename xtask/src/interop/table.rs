//! The table of who plays what: clients by steps, and their transports by the short form. A cell is
//! ok, FAILED, or a dash with the number of its reason.

use std::fmt::Write as _;

use super::scenario::{self, Performance, Verdict};
use super::stranger::{Kind, Stranger};
use super::transport::Transport;

/// One play.
pub(super) struct Column<'a> {
    pub(super) stranger: &'a Stranger,
    pub(super) transport: Transport,
    pub(super) performance: &'a Performance,
}

/// Draws the whole table in Markdown.
pub(super) fn draw(played: &[Column<'_>], home: Option<&Performance>) -> String {
    let mut notes = Notes::default();
    let mut text = String::new();
    for (title, kind) in [("MTProto clients", Kind::Mtproto), ("Bot API clients", Kind::BotApi)] {
        let whole: Vec<&Column<'_>> = played
            .iter()
            .filter(|column| column.stranger.client.kind == kind && column.is_own_choice())
            .collect();
        if !whole.is_empty() {
            let _ = writeln!(text, "## {title}\n");
            text += &steps_by_clients(&whole, kind, &mut notes);
        }
    }
    let short: Vec<&Column<'_>> =
        played.iter().filter(|column| column.stranger.client.kind == Kind::Mtproto).collect();
    if !short.is_empty() {
        let _ = writeln!(text, "## Transports\n");
        text += &transports_by_steps(&short, &mut notes);
    }
    if let Some(home) = home {
        let _ = writeln!(text, "## Everyone at home\n");
        text += &household(home);
    }
    text + &notes.text()
}

/// The house: a row for each step.
fn household(home: &Performance) -> String {
    let mut text = row(["step".to_owned(), home.client.version.clone()].into_iter());
    text += &rule(2);
    for outcome in &home.outcomes {
        let cell = if outcome.verdict.is_bad() { "FAILED" } else { "ok" };
        text += &row([outcome.step, cell].map(str::to_owned).into_iter());
    }
    text + "\n"
}

/// The whole story: a row for each step.
fn steps_by_clients(columns: &[&Column<'_>], kind: Kind, notes: &mut Notes) -> String {
    let heads = columns.iter().map(|column| column.head());
    let mut text = row(std::iter::once("step".to_owned()).chain(heads));
    text += &rule(columns.len() + 1);
    for step in scenario::names(kind, true) {
        let cells = columns.iter().map(|column| notes.cell(column, step));
        text += &row(std::iter::once(step.to_owned()).chain(cells));
    }
    text + "\n"
}

/// The short form: a row for each way a client has.
fn transports_by_steps(columns: &[&Column<'_>], notes: &mut Notes) -> String {
    let steps = scenario::names(Kind::Mtproto, false);
    let heads = ["client", "transport"].into_iter().chain(steps.iter().copied());
    let mut text = row(heads.map(str::to_owned));
    text += &rule(steps.len() + 2);
    for column in columns {
        let cells = steps.iter().map(|step| notes.cell(column, step));
        let first = [column.head(), column.transport.name().to_owned()];
        text += &row(first.into_iter().chain(cells));
    }
    text + "\n"
}

fn row(cells: impl Iterator<Item = String>) -> String {
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

fn rule(cells: usize) -> String {
    format!("|{}\n", "---|".repeat(cells))
}

impl Column<'_> {
    fn is_own_choice(&self) -> bool {
        self.stranger.transports().first() == Some(&self.transport)
    }

    /// The client as it says it is.
    fn head(&self) -> String {
        let ready = &self.performance.client;
        let layer = ready.layer.map(|layer| format!(", layer {layer}")).unwrap_or_default();
        format!("{} {}{layer}", ready.client, ready.version)
    }
}

/// The reasons for dashes, numbered as they are met.
#[derive(Default)]
struct Notes {
    reasons: Vec<String>,
}

impl Notes {
    fn cell(&mut self, column: &Column<'_>, step: &str) -> String {
        let outcome = column.performance.outcomes.iter().find(|outcome| outcome.step == step);
        match outcome.map(|outcome| &outcome.verdict) {
            Some(Verdict::Passed) => "ok".to_owned(),
            Some(Verdict::Cannot(reason)) => {
                let note = format!("{}: {reason}", column.stranger.client.name);
                format!("— ({})", self.number(note))
            }
            Some(Verdict::Failed(_)) => "FAILED".to_owned(),
            Some(Verdict::Untried) | None => "not tried".to_owned(),
        }
    }

    fn number(&mut self, note: String) -> usize {
        let known = self.reasons.iter().position(|reason| *reason == note);
        let index = known.unwrap_or_else(|| {
            self.reasons.push(note);
            self.reasons.len() - 1
        });
        index + 1
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (index, reason) in self.reasons.iter().enumerate() {
            let _ = writeln!(text, "{}. {reason}", index + 1);
        }
        text
    }
}
