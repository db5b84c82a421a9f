//! Deleting messages and clearing histories.

use heliogram_ids::UserId;
use heliogram_tl as tl;

use super::steps::{delete, dialog, history, id, people, pts, say, texts};
use crate::RpcError;
use crate::fixture::Fixture;

fn clear(
    cloud: &mut Fixture,
    of: UserId,
    with: UserId,
    change: impl FnOnce(&mut tl::messages::DeleteHistory),
) -> (i32, i32, i32) {
    let peer = cloud.input_peer(of, with);
    let mut request = tl::messages::DeleteHistory { peer, ..Default::default() };
    change(&mut request);
    let tl::messages::AffectedHistory::AffectedHistory(answer) =
        cloud.call(of, request).expect("an affected history");
    (answer.pts, answer.pts_count, answer.offset)
}

#[test]
fn deleting_counts_what_was_really_there() {
    let (mut cloud, alice, bob, _) = people();
    let first = say(&mut cloud, alice, bob, "one");
    let second = say(&mut cloud, alice, bob, "two");
    let before = pts(&mut cloud, alice);
    let named = vec![first, second, first, second + 7, 0, -3];
    assert_eq!(delete(&mut cloud, alice, named, false), (before + 2, 2));
    assert_eq!(delete(&mut cloud, alice, vec![first], false), (before + 2, 0));
    assert!(texts(&mut cloud, alice, bob).is_empty());
    assert_eq!(texts(&mut cloud, bob, alice), ["two", "one"]);
}

#[test]
fn revoking_takes_both_copies_by_their_own_ids() {
    let (mut cloud, alice, bob, _) = people();
    say(&mut cloud, bob, bob, "noise");
    say(&mut cloud, alice, bob, "one");
    say(&mut cloud, alice, bob, "two");
    let there = history(&mut cloud, bob, alice);
    let before = pts(&mut cloud, alice);
    delete(&mut cloud, bob, vec![id(&there[0])], true);
    assert_eq!(texts(&mut cloud, alice, bob), ["one"]);
    assert_eq!(texts(&mut cloud, bob, alice), ["one"]);
    assert_eq!(texts(&mut cloud, bob, bob), ["noise"]);
    assert_eq!(pts(&mut cloud, alice), before + 1);
    assert_eq!(dialog(&mut cloud, bob, alice).unread_count, 1);
    assert_eq!(dialog(&mut cloud, bob, alice).top_message, id(&there[1]));
}

#[test]
fn a_dialog_without_messages_is_not_listed() {
    let (mut cloud, alice, bob, _) = people();
    let only = say(&mut cloud, alice, bob, "one");
    delete(&mut cloud, alice, vec![only], true);
    for owner in [alice, bob] {
        let request = tl::messages::GetDialogs { limit: 10, ..Default::default() };
        let tl::messages::Dialogs::Dialogs(list) = cloud.call(owner, request).expect("dialogs")
        else {
            panic!("a short list is whole")
        };
        assert!(list.dialogs.is_empty());
    }
}

#[test]
fn too_many_ids_are_refused() {
    let (mut cloud, alice, _, _) = people();
    let request = tl::messages::DeleteMessages { revoke: false, id: vec![1; 101] };
    assert_eq!(cloud.call(alice, request), Err(RpcError::LIMIT_INVALID));
}

#[test]
fn a_history_is_cleared_up_to_an_id() {
    let (mut cloud, alice, bob, _) = people();
    say(&mut cloud, alice, bob, "one");
    let second = say(&mut cloud, alice, bob, "two");
    say(&mut cloud, alice, bob, "three");
    let before = pts(&mut cloud, alice);
    let answer = clear(&mut cloud, alice, bob, |request| request.max_id = second);
    assert_eq!(answer, (before + 2, 2, 0));
    assert_eq!(texts(&mut cloud, alice, bob), ["three"]);
    assert_eq!(texts(&mut cloud, bob, alice), ["three", "two", "one"]);
}

#[test]
fn a_history_is_cleared_between_dates() {
    let (mut cloud, alice, bob, _) = people();
    let start = cloud.now.unix();
    for text in ["one", "two", "three"] {
        say(&mut cloud, alice, bob, text);
        cloud.wait(std::time::Duration::from_secs(100));
    }
    clear(&mut cloud, alice, bob, |request| {
        (request.min_date, request.max_date) = (Some(start + 50), Some(start + 150));
    });
    assert_eq!(texts(&mut cloud, alice, bob), ["three", "one"]);
    let nothing = clear(&mut cloud, alice, bob, |request| request.max_date = Some(start - 1));
    assert_eq!(nothing.1, 0);
}

#[test]
fn clearing_alone_leaves_a_mark_and_the_dialog() {
    let (mut cloud, alice, bob, _) = people();
    say(&mut cloud, alice, bob, "one");
    let top = say(&mut cloud, alice, bob, "two");
    clear(&mut cloud, alice, bob, |request| {
        (request.just_clear, request.revoke) = (true, true);
    });
    assert_eq!(texts(&mut cloud, alice, bob), ["MessageActionHistoryClear"]);
    assert!(texts(&mut cloud, bob, alice).is_empty());
    assert_eq!(dialog(&mut cloud, alice, bob).top_message, top);
    let again = clear(&mut cloud, alice, bob, |request| request.just_clear = true);
    assert_eq!(again.1, 0, "nothing is left to clear");
}

#[test]
fn long_histories_are_cleared_in_parts() {
    let (mut cloud, alice, _, _) = people();
    for number in 0..1005 {
        say(&mut cloud, alice, alice, &number.to_string());
    }
    let (_, count, left) = clear(&mut cloud, alice, alice, |_| ());
    assert_eq!((count, left), (1000, 5));
    let (_, count, left) = clear(&mut cloud, alice, alice, |_| ());
    assert_eq!((count, left), (5, 0));
}

#[test]
fn one_row_is_told_even_of_a_message_that_is_gone() {
    let (mut cloud, alice, bob, _) = people();
    say(&mut cloud, alice, bob, "kept");
    let before = pts(&mut cloud, bob);
    let sent = say(&mut cloud, alice, bob, "gone");
    delete(&mut cloud, alice, vec![sent], true);
    let one = tl::updates::GetDifference {
        pts: before,
        pts_limit: Some(1),
        date: i32::MAX,
        ..Default::default()
    };
    match cloud.call(bob, one) {
        Ok(tl::updates::Difference::DifferenceSlice(slice)) => {
            assert!(slice.new_messages.is_empty());
            assert!(matches!(&slice.other_updates[..], [tl::Update::UpdateDeleteMessages(gone)]
                if gone.pts == before + 1 && gone.pts_count == 1));
        }
        other => panic!("{other:?}"),
    }
}
