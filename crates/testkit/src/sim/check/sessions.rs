//! Every session believes what the server says.

use std::collections::BTreeSet;

use super::truth::Truth;
use crate::sim::people::{Picture, Seat};
use crate::sim::play::Stage;

pub(super) fn check(stage: &Stage, truths: &[Truth], faults: &mut Vec<String>) {
    for seat in stage.seats.lock().iter().flatten() {
        let picture = seat.picture.lock();
        let mut found = picture.faults.clone();
        compare(&picture, &truths[seat.person], stage.people[seat.person].id, &mut found);
        faults.extend(found.into_iter().map(|fault| format!("{}: {fault}", name(seat))));
    }
}

fn name(seat: &Seat) -> String {
    format!("session {} of {}", seat.number, seat.person)
}

fn compare(picture: &Picture, truth: &Truth, me: i64, faults: &mut Vec<String>) {
    let ids: BTreeSet<i32> =
        picture.messages.keys().chain(truth.messages.keys()).copied().collect();
    for id in ids {
        match (picture.messages.get(&id), truth.messages.get(&id)) {
            (Some(believed), Some(true_one)) if believed == true_one => {}
            (Some(believed), Some(true_one)) => {
                faults.push(format!("{id} is not {believed:?} but {true_one:?}"));
            }
            (Some(_), None) => faults.push(format!("{id} is gone")),
            (None, Some(true_one)) => faults.push(format!("{id} is missing: {true_one:?}")),
            (None, None) => {}
        }
    }
    for id in truth.messages.keys().filter(|id| !picture.told.contains(id)) {
        faults.push(format!("{id} was never told of"));
    }
    for (chat, dialog) in &truth.dialogs {
        // What one writes to oneself is read by oneself, and nobody is told. One's own mark is known
        // by what it leaves unread: a server may set it lower than it was asked to.
        let read_out = picture.read_out.get(chat).copied().unwrap_or(0);
        if dialog.read_outbox_max_id != read_out && *chat != me {
            let known = dialog.read_outbox_max_id;
            faults.push(format!("{chat} was read up to {known}, not {read_out}"));
        }
        let unread = i32::try_from(picture.unread(*chat)).unwrap_or(i32::MAX);
        if dialog.unread_count != unread {
            faults.push(format!("{chat} has {} unread, not {unread}", dialog.unread_count));
        }
    }
}

#[cfg(test)]
mod tests {
    use heliogram_tl as tl;

    use super::*;

    const CHAT: i64 = 7;

    fn message(id: i32, text: &str) -> tl::Message {
        let peer_id = tl::types::PeerUser { user_id: CHAT }.into();
        tl::types::Message { id, peer_id, message: text.into(), ..Default::default() }.into()
    }

    fn told(picture: &mut Picture, message: tl::Message) {
        picture.apply(&tl::types::UpdateNewMessage { message, pts: 1, pts_count: 1 }.into());
    }

    /// What is found when a session that was told of `believed` is held against `true_ones`.
    #[track_caller]
    fn check(believed: &[(i32, &str)], true_ones: &[(i32, &str)], expected: usize) {
        let (mut picture, mut truth) = (Picture::default(), Truth::default());
        believed.iter().for_each(|(id, text)| told(&mut picture, message(*id, text)));
        truth.messages = true_ones.iter().map(|(id, text)| (*id, message(*id, text))).collect();
        let unread_count = i32::try_from(true_ones.len()).unwrap();
        let dialog = tl::types::Dialog { unread_count, ..Default::default() };
        truth.dialogs.insert(CHAT, Box::new(dialog));
        let mut found = Vec::new();
        compare(&picture, &truth, 1, &mut found);
        assert_eq!(found.len(), expected, "{found:?}");
    }

    #[test]
    fn a_session_that_believes_the_truth_is_fine() {
        check(&[(1, "a"), (2, "b")], &[(1, "a"), (2, "b")], 0);
    }

    #[test]
    fn whatever_differs_is_found() {
        // Another text.
        check(&[(1, "a")], &[(1, "b")], 1);
        // Gone there and still here, and unread there only.
        check(&[(1, "a"), (2, "b")], &[(1, "a")], 2);
        // Missing here, never told of, and unread.
        check(&[(1, "a")], &[(1, "a"), (2, "b")], 3);
    }

    #[test]
    fn what_comes_twice_or_too_late_is_found() {
        let mut picture = Picture::default();
        for id in [1, 3, 2, 3] {
            told(&mut picture, message(id, "a"));
        }
        assert_eq!(picture.faults.len(), 2, "{:?}", picture.faults);
    }
}
