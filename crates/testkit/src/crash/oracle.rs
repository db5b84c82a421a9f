//! What the server says, held against what was acknowledged.

use std::collections::HashMap;

use heliogram_tl as tl;

use super::Hand;
use super::hand::Said;
use crate::storm::rage::{Line, line};

/// One side's view of a chat between two people.
pub(super) struct Side {
    /// Whose view it is, for the report.
    pub(super) person: usize,
    /// Newest first, as the server gives it.
    pub(super) messages: Vec<tl::Message>,
    /// Whether the messages go back to the beginning.
    pub(super) is_whole: bool,
    pub(super) dialog: Option<tl::types::Dialog>,
}

impl Side {
    /// What is said in it, oldest first.
    fn lines(&self) -> Vec<(Line, &str)> {
        let said = self.messages.iter().rev().filter_map(|message| match message {
            tl::Message::Message(message) => Some((line(&message.message)?, &*message.message)),
            _ => None,
        });
        said.collect()
    }

    /// Whether the counters of the dialog are what its messages make them.
    pub(super) fn recount(&self, faults: &mut Vec<String>) {
        let person = self.person;
        let Some(dialog) = &self.dialog else {
            if !self.messages.is_empty() {
                faults.push(format!("{person} has a chat and no dialog"));
            }
            return;
        };
        let newest = self.messages.first().map_or(0, super::deeds::id_of);
        if dialog.top_message != newest {
            let top = dialog.top_message;
            faults.push(format!("{person}: the newest is {newest}, the dialog says {top}"));
        }
        let is_unread = |message: &&tl::Message| match message {
            tl::Message::Message(message) => !message.out && message.id > dialog.read_inbox_max_id,
            tl::Message::MessageService(message) => {
                !message.out && message.id > dialog.read_inbox_max_id
            }
            tl::Message::MessageEmpty(_) => false,
        };
        let unread = self.messages.iter().filter(is_unread).count();
        if usize::try_from(dialog.unread_count) != Ok(unread) {
            let count = dialog.unread_count;
            faults.push(format!("{person}: {unread} are unread, the dialog counts {count}"));
        }
    }
}

/// Whether both sides show the same in the same order.
pub(super) fn agree(one: &Side, other: &Side, faults: &mut Vec<String>) {
    let (ours, theirs) = (one.lines(), other.lines());
    let both_whole = one.is_whole && other.is_whole;
    let shown =
        if both_whole { ours.len().max(theirs.len()) } else { ours.len().min(theirs.len()) };
    let tail = |lines: &[(Line, &str)]| -> Vec<(Line, String)> {
        let from = lines.len().saturating_sub(shown);
        lines.iter().skip(from).map(|(line, text)| (*line, (*text).to_owned())).collect()
    };
    let (ours, theirs) = (tail(&ours), tail(&theirs));
    if ours != theirs {
        let at = ours.iter().zip(&theirs).position(|(ours, theirs)| ours != theirs);
        let at = at.unwrap_or_else(|| ours.len().min(theirs.len()));
        let (people, ours, theirs) = ((one.person, other.person), ours.get(at), theirs.get(at));
        faults.push(format!("{people:?} disagree: {ours:?} is {theirs:?} on the other side"));
    }
}

/// Whether everything that was acknowledged in `said` is there as it was last, once, and what was
/// deleted is not.
pub(super) fn kept<'a>(
    side: &Side,
    said: impl Iterator<Item = (&'a Hand, &'a Said)>,
    faults: &mut Vec<String>,
) {
    let mut found: HashMap<Line, Vec<&str>> = HashMap::new();
    for (line, text) in side.lines() {
        found.entry(line).or_default().push(text);
    }
    let person = side.person;
    for (line, texts) in found.iter().filter(|(_, texts)| texts.len() > 1) {
        faults.push(format!("{person} has {line:?} {} times", texts.len()));
    }
    for (hand, said) in said {
        let line = (hand.seat.number, said.number);
        let expected = hand.text(said.number, said.revision);
        match found.get(&line).map(Vec::as_slice) {
            None if said.is_deleted => {}
            None => faults.push(format!("{person} misses {line:?}, which was acknowledged")),
            Some(_) if said.is_deleted => {
                faults.push(format!("{person} has {line:?}, whose deletion was acknowledged"));
            }
            Some([text, ..]) if *text != expected => {
                faults.push(format!("{person} has {text:?} in place of {expected:?}"));
            }
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(texts: &[&str], unread: i32) -> Side {
        let message = |(number, text): (usize, &&str)| {
            tl::types::Message {
                id: 1 + number as i32,
                message: (*text).into(),
                ..tl::types::Message::default()
            }
            .into()
        };
        let mut messages: Vec<tl::Message> = texts.iter().enumerate().map(message).collect();
        messages.reverse();
        let dialog = tl::types::Dialog {
            top_message: texts.len() as i32,
            unread_count: unread,
            ..tl::types::Dialog::default()
        };
        Side { person: 0, messages, is_whole: true, dialog: Some(dialog) }
    }

    #[track_caller]
    fn check_agree(ours: &[&str], theirs: &[&str], expected: bool) {
        let mut faults = Vec::new();
        agree(&side(ours, 0), &side(theirs, 0), &mut faults);
        assert_eq!(faults.is_empty(), expected, "{faults:?}");
    }

    #[test]
    fn both_sides_show_the_same_in_the_same_order() {
        check_agree(&["0 says 1", "1 says 1"], &["0 says 1", "1 says 1"], true);
        check_agree(&["0 says 1", "1 says 1"], &["1 says 1", "0 says 1"], false);
        check_agree(&["0 says 1", "1 says 1"], &["1 says 1"], false);
        check_agree(&["0 says 1"], &["0 says 1, thought over 1 times"], false);
    }

    #[test]
    fn counters_are_counted_again() {
        let recount = |side: Side| {
            let mut faults = Vec::new();
            side.recount(&mut faults);
            faults.len()
        };
        assert_eq!(recount(side(&["0 says 1", "0 says 2"], 2)), 0);
        assert_eq!(recount(side(&["0 says 1", "0 says 2"], 1)), 1);
        assert_eq!(recount(Side { dialog: None, ..side(&["0 says 1"], 1) }), 1);
    }
}
