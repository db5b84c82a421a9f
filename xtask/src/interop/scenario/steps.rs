//! The table of contents: every step, in order, with who tells it.

use super::story::Story;
use super::{away, bots, files, getting_in, glimpses, home, leaving, passwords, talking, weather};
use crate::interop::actor::Told;
use crate::interop::stranger::Kind;

/// Something that is tried and has to be seen.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) play: fn(&mut Story) -> Told<()>,
    told_by: Option<Kind>,
    /// Told on every transport, not only on the client's own choice.
    is_short: bool,
    /// Without it the steps behind it make no sense.
    pub(super) is_needed: bool,
}

const STORY: &[Step] = &[
    people("wrong-code", getting_in::wrong_code),
    people("log-in", getting_in::log_in).short().needed(),
    people("resolve", getting_in::resolve).short().needed(),
    clients_of_bots("bot-log-in", getting_in::bot_meets_person).short().needed(),
    both("talk", talking::talk).short().needed(),
    both("entities", talking::entities),
    both("found-entities", talking::found_entities),
    both("reply", talking::reply),
    both("edit", talking::edit),
    both("delete", talking::delete),
    people("read", talking::read),
    people("history", talking::history),
    both("typing", glimpses::typing),
    people("rename", glimpses::rename),
    both("photo", files::photo),
    both("document", files::document).short(),
    both("big-document", files::big_document),
    people("bot-log-in", getting_in::bot_log_in),
    both("button", bots::button),
    people("set-password", passwords::set_password),
    people("wrong-password", passwords::wrong_password),
    people("password-log-in", passwords::password_log_in),
    people("end-session", passwords::end_session),
    both("resume", away::resume),
    both("missed-while-closed", away::missed_while_closed),
    both("cut", away::cut).short(),
    both("missed-message", away::missed_message),
    both("missed-edit", away::missed_edit),
    people("missed-delete", away::missed_delete),
    people("log-out", leaving::log_out),
];

/// What is looked at when the story is over.
pub(super) const CALM_CLIENT: &str = "calm-client";
pub(super) const CALM_SERVER: &str = "calm-server";
pub(super) const CALLS: &str = "calls-answered";

/// The steps that a client of a kind tells: all of them, or the short form.
pub(super) fn of(kind: Kind, is_whole: bool) -> impl Iterator<Item = Step> {
    STORY.iter().copied().filter(move |step| {
        step.told_by.is_none_or(|teller| teller == kind) && (is_whole || step.is_short)
    })
}

/// The names of what is tried, and of what is looked at afterwards.
pub(in crate::interop) fn names(kind: Kind, is_whole: bool) -> Vec<&'static str> {
    let steps = of(kind, is_whole).map(|step| step.name);
    steps.chain([CALM_CLIENT, CALM_SERVER, CALLS]).collect()
}

/// Whether a manifest may speak of a step.
pub(in crate::interop) fn knows(name: &str) -> bool {
    STORY.iter().any(|step| step.name == name) || home::knows(name) || weather::knows(name)
}

const fn step(name: &'static str, told_by: Option<Kind>, play: fn(&mut Story) -> Told<()>) -> Step {
    Step { name, play, told_by, is_short: false, is_needed: false }
}

const fn both(name: &'static str, play: fn(&mut Story) -> Told<()>) -> Step {
    step(name, None, play)
}

const fn people(name: &'static str, play: fn(&mut Story) -> Told<()>) -> Step {
    step(name, Some(Kind::Mtproto), play)
}

const fn clients_of_bots(name: &'static str, play: fn(&mut Story) -> Told<()>) -> Step {
    step(name, Some(Kind::BotApi), play)
}

impl Step {
    const fn short(self) -> Self {
        Self { is_short: true, ..self }
    }

    const fn needed(self) -> Self {
        Self { is_needed: true, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_client_tells_a_step_twice() {
        for kind in [Kind::Mtproto, Kind::BotApi] {
            let mut all = names(kind, true);
            let count = all.len();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), count);
        }
    }

    #[test]
    fn the_short_form_logs_in_talks_sends_and_is_cut() {
        let short: Vec<_> = of(Kind::Mtproto, false).map(|step| step.name).collect();
        assert_eq!(short, ["log-in", "resolve", "talk", "document", "cut"]);
    }
}
