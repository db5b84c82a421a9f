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
