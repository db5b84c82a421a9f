//! The table of who plays what: clients by steps, and their transports by the short form. A cell is
//! ok, FAILED, a dash with the number of its reason, or empty where there was nothing to play.

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

/// Draws the whole table in Markdown: the scenario, the foul weather, and everyone at home.
pub(super) fn draw(
    played: &[Column<'_>],
    weathered: &[Column<'_>],
    home: Option<&Performance>,
) -> String {
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
        text += &transports_by_steps(&short, &scenario::names(Kind::Mtproto, false), &mut notes);
    }
    let kinds = weathered.iter().map(|column| &column.performance.outcomes);
    if let Some(kinds) = kinds.max_by_key(|outcomes| outcomes.len()) {
        let _ = writeln!(text, "## Foul weather\n");
        let kinds: Vec<&str> = kinds.iter().map(|outcome| outcome.step).collect();
        let weathered: Vec<&Column<'_>> = weathered.iter().collect();
        text += &transports_by_steps(&weathered, &kinds, &mut notes);
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

/// A row for each client and way.
fn transports_by_steps(columns: &[&Column<'_>], steps: &[&str], notes: &mut Notes) -> String {
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
            Some(Verdict::Untried) => "not tried".to_owned(),
            None => String::new(),
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use super::*;
    use crate::interop::actor::Ready;
    use crate::interop::record::Record;
    use crate::interop::scenario::Outcome;
    use crate::interop::stranger::{Client, Language, Script};

    fn stranger() -> Stranger {
        let (name, version) = ("Telethon".to_owned(), "1".to_owned());
        let transports = vec![Transport::Full, Transport::Ipv6];
        Stranger {
            name: "telethon".to_owned(),
            folder: PathBuf::new(),
            client: Client { name, version, kind: Kind::Mtproto, language: Language::Python },
            actor: Some(Script { script: String::new(), transports, weather: false }),
            quiet: Vec::new(),
            cannot: BTreeMap::new(),
            runs: Vec::new(),
        }
    }

    fn performance(verdicts: [(&'static str, Verdict); 3]) -> Performance {
        let (client, version) = ("Telethon".to_owned(), "1".to_owned());
        Performance {
            client: Ready { client, version, layer: Some(229) },
            outcomes: verdicts.map(|(step, verdict)| Outcome { step, verdict }).to_vec(),
            record: Record::default(),
        }
    }

    #[test]
    fn cells_say_how_it_went_and_dashes_say_why() {
        let stranger = stranger();
        let cannot = || Verdict::Cannot("no such method".to_owned());
        let whole = performance([
            ("log-in", Verdict::Passed),
            ("typing", cannot()),
            ("rename", Verdict::Failed("never heard".to_owned())),
        ]);
        let short = performance([
            ("log-in", Verdict::Passed),
            ("talk", cannot()),
            ("cut", Verdict::Untried),
        ]);
        let table = draw(
            &[
                Column { stranger: &stranger, transport: Transport::Full, performance: &whole },
                Column { stranger: &stranger, transport: Transport::Ipv6, performance: &short },
            ],
            &[],
            None,
        );
        for line in [
            "| step | Telethon 1, layer 229 |",
            "| log-in | ok |",
            "| typing | — (1) |",
            "| rename | FAILED |",
            "| Telethon 1, layer 229 | ipv6 | ok |  | — (1) |  | not tried |  |  |  |",
            "1. Telethon: no such method",
        ] {
            assert!(table.lines().any(|found| found == line), "no {line} in\n{table}");
        }
    }
}
