//! Editing of messages.

use std::time::Duration;

use heliogram_tl as tl;

use super::steps::{
    edit, history, id, keyboard, newest, offer, people, person_and_bot, pts, say, texts, updates,
};
use crate::RpcError;

#[test]
fn an_edit_reaches_every_box_that_has_a_copy() {
    let (mut cloud, alice, bob, _) = people();
    let id = say(&mut cloud, alice, bob, "helo");
    let (mine, theirs) = (pts(&mut cloud, alice), pts(&mut cloud, bob));

    let answer = edit(&mut cloud, alice, bob, id, "hello").expect("an edit");

    let [tl::Update::UpdateEditMessage(update)] = updates(&answer) else { panic!("{answer:?}") };
    assert_eq!((update.pts, update.pts_count), (mine + 1, 1));
    assert_eq!(pts(&mut cloud, bob), theirs + 1);
    assert_eq!(texts(&mut cloud, bob, alice), ["hello"]);
    let edited = newest(&mut cloud, bob, alice);
    assert_eq!(edited.edit_date, Some(cloud.now.unix()));
    assert!(!edited.edit_hide);
}

#[test]
fn only_the_author_edits_and_only_what_is_there() {
    let (mut cloud, alice, bob, carol) = people();
    let own = say(&mut cloud, alice, bob, "mine");
    let there = id(&history(&mut cloud, bob, alice)[0]);
    assert_eq!(edit(&mut cloud, bob, alice, there, "his"), Err(RpcError::MESSAGE_AUTHOR_REQUIRED));
    for (with, id) in [(bob, own + 1), (bob, 0), (bob, -1), (carol, own)] {
        assert_eq!(edit(&mut cloud, alice, with, id, "x"), Err(RpcError::MESSAGE_ID_INVALID));
    }
}

#[test]
fn an_edit_that_changes_nothing_is_refused() {
    let (mut cloud, alice, bob, _) = people();
    let id = say(&mut cloud, alice, bob, "same");
    let before = pts(&mut cloud, alice);
    assert_eq!(edit(&mut cloud, alice, bob, id, " same "), Err(RpcError::MESSAGE_NOT_MODIFIED));
    assert_eq!(edit(&mut cloud, alice, bob, id, "  "), Err(RpcError::MESSAGE_EMPTY));
    assert_eq!(pts(&mut cloud, alice), before);
}

#[test]
fn people_edit_for_two_days_but_their_own_notes_for_ever() {
    let (mut cloud, alice, bob, _) = people();
    let letter = say(&mut cloud, alice, bob, "letter");
    let note = say(&mut cloud, alice, alice, "note");
    cloud.wait(Duration::from_secs(172_800));
    edit(&mut cloud, alice, bob, letter, "in time").expect("the last second");
    cloud.wait(Duration::from_secs(1));
    assert_eq!(
        edit(&mut cloud, alice, bob, letter, "too late"),
        Err(RpcError::MESSAGE_EDIT_TIME_EXPIRED)
    );
    edit(&mut cloud, alice, alice, note, "better note").expect("a note");
}

#[test]
fn a_new_keyboard_alone_is_no_edit_to_be_shown() {
    let (mut cloud, alice, bot) = person_and_bot();
    let id = offer(&mut cloud, bot, alice, "choose", b"one");
    let request = tl::messages::EditMessage {
        peer: cloud.input_peer(bot, alice),
        id,
        reply_markup: Some(keyboard("other", b"two")),
        ..Default::default()
    };
    cloud.call(bot, request.clone()).expect("an edit");
    assert_eq!(cloud.call(bot, request), Err(RpcError::MESSAGE_NOT_MODIFIED));
    let message = newest(&mut cloud, alice, bot);
    assert!(message.edit_hide);
    assert_eq!(message.reply_markup, Some(keyboard("other", b"two")));

    edit(&mut cloud, bot, alice, id, "chosen").expect("an edit of the text");
    let message = newest(&mut cloud, alice, bot);
    assert!(!message.edit_hide);
    assert_eq!(message.reply_markup, None, "an edit without a keyboard takes it away");
}

#[test]
fn what_somebody_has_deleted_is_edited_for_the_others_alone() {
    let (mut cloud, alice, bob, _) = people();
    let own = say(&mut cloud, alice, bob, "helo");
    let there = id(&history(&mut cloud, bob, alice)[0]);
    super::steps::delete(&mut cloud, bob, vec![there], false);
    let before = pts(&mut cloud, bob);
    edit(&mut cloud, alice, bob, own, "hello").expect("an edit");
    assert_eq!(pts(&mut cloud, bob), before);
    assert!(texts(&mut cloud, bob, alice).is_empty());
}

#[test]
fn edit_data_follows_the_same_rules() {
    let (mut cloud, alice, bob, _) = people();
    let own = say(&mut cloud, alice, bob, "text");
    let peer = cloud.input_peer(alice, bob);
    let tl::messages::MessageEditData::MessageEditData(data) = cloud
        .call(alice, tl::messages::GetMessageEditData { peer: peer.clone(), id: own })
        .expect("edit data");
    assert!(!data.caption);
    let unknown = tl::messages::GetMessageEditData { peer, id: own + 1 };
    assert_eq!(cloud.call(alice, unknown), Err(RpcError::MESSAGE_ID_INVALID));
}
