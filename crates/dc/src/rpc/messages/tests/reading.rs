//! Read marks of both sides.

use heliogram_tl as tl;

use super::steps::{affected, dialog, history, id, people, pts, read, say, updates};

#[test]
fn reading_moves_both_marks_and_each_side_learns_its_own_id() {
    let (mut cloud, alice, bob, carol) = people();
    say(&mut cloud, carol, bob, "noise");
    let first = say(&mut cloud, alice, bob, "one");
    let second = say(&mut cloud, alice, bob, "two");
    assert_eq!(dialog(&mut cloud, bob, alice).unread_count, 2);
    let there = history(&mut cloud, bob, alice);
    let before = pts(&mut cloud, alice);

    let (now, count) = read(&mut cloud, bob, alice, id(&there[1]));

    assert_eq!((now, count), (pts(&mut cloud, bob), 1));
    let reader = dialog(&mut cloud, bob, alice);
    assert_eq!((reader.read_inbox_max_id, reader.unread_count), (id(&there[1]), 1));
    assert_eq!(dialog(&mut cloud, alice, bob).read_outbox_max_id, first);
    assert_eq!(pts(&mut cloud, alice), before + 1);

    read(&mut cloud, bob, alice, 0);
    assert_eq!(dialog(&mut cloud, alice, bob).read_outbox_max_id, second);
    assert_eq!(dialog(&mut cloud, bob, alice).unread_count, 0);
}

#[test]
fn what_was_read_before_is_no_event() {
    let (mut cloud, alice, bob, _) = people();
    say(&mut cloud, alice, bob, "one");
    read(&mut cloud, bob, alice, 0);
    let (reader, author) = (pts(&mut cloud, bob), pts(&mut cloud, alice));
    assert_eq!(read(&mut cloud, bob, alice, 0), (reader, 0));
    assert_eq!(read(&mut cloud, bob, alice, 1), (reader, 0));
    assert_eq!(pts(&mut cloud, alice), author);
}

#[test]
fn an_id_from_the_future_reads_no_further_than_what_is_there() {
    let (mut cloud, alice, bob, _) = people();
    say(&mut cloud, alice, bob, "one");
    read(&mut cloud, bob, alice, i32::MAX);
    say(&mut cloud, alice, bob, "two");
    assert_eq!(dialog(&mut cloud, bob, alice).unread_count, 1);
}

#[test]
fn whoever_answers_has_read_what_stands_above() {
    let (mut cloud, alice, bob, _) = people();
    let question = say(&mut cloud, alice, bob, "are you there?");
    let before = pts(&mut cloud, bob);
    let request = tl::messages::SendMessage {
        peer: cloud.input_peer(bob, alice),
        message: "yes".into(),
        random_id: 77,
        ..Default::default()
    };

    let answer = cloud.call(bob, request).expect("an answer");

    let [
        tl::Update::UpdateMessageId(_),
        tl::Update::UpdateNewMessage(new),
        tl::Update::UpdateReadHistoryInbox(read),
    ] = updates(&answer)
    else {
        panic!("{answer:?}")
    };
    assert_eq!((new.pts, read.pts), (before + 1, before + 2));
    assert_eq!(read.still_unread_count, 0);
    assert_eq!(dialog(&mut cloud, bob, alice).unread_count, 0);
    assert_eq!(dialog(&mut cloud, alice, bob).read_outbox_max_id, question);
}

#[test]
fn notes_to_oneself_are_never_unread() {
    let (mut cloud, alice, _, _) = people();
    say(&mut cloud, alice, alice, "milk");
    assert_eq!(dialog(&mut cloud, alice, alice).unread_count, 0);
    assert_eq!(read(&mut cloud, alice, alice, 0).1, 0);
}

#[test]
fn the_author_may_ask_when_a_message_was_read() {
    let (mut cloud, alice, bob, _) = people();
    let msg_id = say(&mut cloud, alice, bob, "one");
    let peer = cloud.input_peer(alice, bob);
    let ask = tl::messages::GetOutboxReadDate { peer, msg_id };
    assert_eq!(cloud.call(alice, ask.clone()), Err(crate::RpcError::MESSAGE_NOT_READ_YET));
    cloud.wait(std::time::Duration::from_secs(60));
    read(&mut cloud, bob, alice, 0);
    let read_at = cloud.now.unix();
    cloud.wait(std::time::Duration::from_secs(60));
    let tl::OutboxReadDate::OutboxReadDate(answer) =
        cloud.call(alice, ask.clone()).expect("a date");
    assert_eq!(answer.date, read_at);
    cloud.wait(std::time::Duration::from_secs(8 * 86_400));
    assert_eq!(cloud.call(alice, ask), Err(crate::RpcError::MESSAGE_TOO_OLD));
}

#[test]
fn contents_that_need_no_listening_are_no_event() {
    let (mut cloud, alice, bob, _) = people();
    say(&mut cloud, alice, bob, "plain text");
    let before = pts(&mut cloud, bob);
    let request = tl::messages::ReadMessageContents { id: vec![1, 2, -5] };
    assert_eq!(affected(cloud.call(bob, request)), (before, 0));
}
