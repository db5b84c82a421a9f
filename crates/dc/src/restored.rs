//! What has to happen before a restored cloud may answer.
//!
//! Clients have seen more than the backup knows: positions of update logs, and numbers of messages.
//! Given out again for something else, those would be taken for what was seen. So every box goes on
//! far behind its end, and whoever stands in between is told to catch up anew (`updates.getDifference`).

use std::path::Path;

use heliogram_ids::{MessageId, Pts, PtsCount, UserId};
use heliogram_store::{Read as _, Store, StoreError, Txn};

use crate::record::BoxState;
use crate::server::Foundations;
use crate::tables::Boxes;

/// By how much every box goes on behind its end: more than any account sees between two backups.
pub const POSITIONS_SKIPPED: i32 = 1 << 20;

/// A file that lies in a directory while it is being restored.
pub const UNFINISHED: &str = "restore.unfinished";

/// Moves the boxes of the directory at `path` on; returns how many there are. To be done once.
///
/// # Errors
/// If the directory is in use or damaged, if the disk fails, or if a box has no numbers left.
pub fn after_restore(path: &Path) -> Result<usize, StoreError> {
    let store = Store::open_dir(path, &Foundations::STORE)?;
    let rows = store.snapshot()?;
    let owners: Result<Vec<UserId>, _> =
        rows.range::<Boxes>(..).map(|row| row.map(|(owner, _)| owner)).collect();
    let owners = owners?;
    drop(rows);
    for some in owners.chunks(BOXES_AT_ONCE) {
        let some = some.to_vec();
        store.write(move |txn| some.iter().try_for_each(|owner| move_on(txn, *owner))).wait()?;
    }
    Ok(owners.len())
}

fn move_on(txn: &mut Txn, owner: UserId) -> Result<(), StoreError> {
    let Some(BoxState { pts, qts, last_message, unread_dialogs }) = txn.get::<Boxes>(&owner)?
    else {
        return Ok(());
    };
    let skipped = PtsCount::new(POSITIONS_SKIPPED).expect("a positive number is a count");
    let moved = BoxState {
        pts: Pts::new(pts.get().saturating_add(skipped.get())).unwrap_or(pts),
        qts,
        last_message: last_message
            .and_then(|last| MessageId::new(last.get().saturating_add(POSITIONS_SKIPPED)))
            .or(last_message),
        unread_dialogs,
    };
    txn.put::<Boxes>(&owner, &moved)
}

/// Whether `next` may follow `before` in a box: at once, or behind what restored backups skipped.
pub(crate) fn follows(before: i32, next: i32) -> bool {
    stands_at(before, next.saturating_sub(1))
}

/// Whether a box whose last number is `end` may stand at `at`: there, or where restored backups
/// moved it on to.
pub(crate) fn stands_at(end: i32, at: i32) -> bool {
    at.checked_sub(end).is_some_and(|skipped| skipped >= 0 && skipped % POSITIONS_SKIPPED == 0)
}

const BOXES_AT_ONCE: usize = 1000;

#[cfg(test)]
mod tests {
    use heliogram_tl as tl;

    use super::*;
    use crate::fixture::Fixture;

    fn say(cloud: &mut Fixture, from: UserId, to: UserId) -> i32 {
        let request = tl::messages::SendMessage {
            peer: cloud.input_peer(from, to),
            message: "hello".into(),
            random_id: cloud.random_id(),
            ..tl::messages::SendMessage::default()
        };
        match cloud.call(from, request).expect("it is sent") {
            tl::Updates::Updates(all) => match &all.updates[..] {
                [tl::Update::UpdateMessageId(sent), ..] => sent.id,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    fn pts(cloud: &mut Fixture, of: UserId) -> i32 {
        let tl::updates::State::State(state) =
            cloud.call(of, tl::updates::GetState {}).expect("a state");
        state.pts
    }

    /// How many messages a difference has and where it ends; where to go on, if there is none.
    fn difference(cloud: &mut Fixture, of: UserId, pts: i32) -> Result<(usize, i32), i32> {
        let request = tl::updates::GetDifference { pts, date: 1, ..Default::default() };
        match cloud.call(of, request).expect("a difference") {
            tl::updates::Difference::Difference(found) => {
                let tl::updates::State::State(state) = found.state;
                Ok((found.new_messages.len(), state.pts))
            }
            tl::updates::Difference::DifferenceEmpty(_) => Ok((0, pts)),
            tl::updates::Difference::DifferenceTooLong(found) => Err(found.pts),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_whole_skips_are_taken_for_those_of_a_restore() {
        assert!(follows(7, 8) && follows(7, 8 + POSITIONS_SKIPPED));
        assert!(follows(7, 8 + 2 * POSITIONS_SKIPPED));
        assert!(!follows(7, 7) && !follows(7, 9) && !follows(7, 6));
        assert!(!follows(8 + POSITIONS_SKIPPED, 8));
        assert!(!follows(7, 9 + POSITIONS_SKIPPED));
    }

    #[test]
    fn whoever_saw_more_than_a_backup_goes_on_where_its_log_does() {
        let mut cloud = Fixture::new();
        let (ann, bob) = (cloud.person("Ann"), cloud.person("Bob"));
        let last = (0..3).map(|_| say(&mut cloud, ann, bob)).max().expect("three were sent");
        let end = pts(&mut cloud, bob);
        for owner in [ann, bob] {
            cloud.write(move |txn| move_on(txn, owner)).expect("it is moved on");
        }
        let moved = end + POSITIONS_SKIPPED;
        assert_eq!(pts(&mut cloud, bob), moved);
        for behind in 1..=end {
            let missed = usize::try_from(end - behind).expect("it is behind");
            assert_eq!(difference(&mut cloud, bob, behind), Ok((missed, moved)));
        }
        for ahead in [end + 1, end + 1000, moved - 1, moved + 1] {
            assert_eq!(difference(&mut cloud, bob, ahead), Err(moved));
        }

        assert!(say(&mut cloud, ann, bob) > last + POSITIONS_SKIPPED);
        assert_eq!(difference(&mut cloud, bob, end + 7), Err(moved), "nothing new is passed over");
        for (from, missed) in [(moved, 1), (end, 1), (1, 4), (moved + 1, 0)] {
            assert_eq!(difference(&mut cloud, bob, from), Ok((missed, moved + 1)), "from {from}");
        }
    }
}
