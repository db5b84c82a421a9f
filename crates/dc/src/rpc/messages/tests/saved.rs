//! Saved Messages, by where they were saved from.

use heliogram_ids::UserId;
use heliogram_tl as tl;
use heliogram_tl::types;

use super::steps::{messages, people, say, text};
use crate::RpcError;
use crate::fixture::Fixture;

fn save(cloud: &mut Fixture, me: UserId, from: UserId, id: i32, random_id: i64) {
    let request = tl::messages::ForwardMessages {
        from_peer: cloud.input_peer(me, from),
        id: vec![id],
        random_id: vec![random_id],
        to_peer: tl::InputPeer::InputPeerSelf,
        ..Default::default()
    };
    cloud.call(me, request).expect("the message is saved");
}

fn saved_from(cloud: &mut Fixture, me: UserId, peer: tl::InputPeer) -> Vec<String> {
    let request = tl::messages::GetSavedHistory { peer, limit: 10, ..Default::default() };
    let page = cloud.call(me, request).expect("a page");
    messages(page).iter().map(text).collect()
}

#[test]
fn what_was_saved_is_found_by_its_origin() {
    let (mut cloud, alice, bob, carol) = people();
    for (place, from) in [bob, carol, bob].into_iter().enumerate() {
        let said = format!("number {place}");
        let id = say(&mut cloud, alice, from, &said);
        save(&mut cloud, alice, from, id, i64::try_from(place).unwrap() + 1);
    }
    say(&mut cloud, alice, alice, "a note");

    let peer = cloud.input_peer(alice, bob);
    assert_eq!(saved_from(&mut cloud, alice, peer), ["number 2", "number 0"]);
    assert_eq!(saved_from(&mut cloud, alice, tl::InputPeer::InputPeerSelf), ["a note"]);

    let request = tl::messages::GetSavedDialogs { limit: 2, ..Default::default() };
    let dialogs = cloud.call(alice, request).expect("dialogs");
    let tl::messages::SavedDialogs::SavedDialogsSlice(slice) = dialogs else {
        panic!("not a part: {dialogs:?}")
    };
    let peers: Vec<_> = slice
        .dialogs
        .iter()
        .map(|dialog| match dialog {
            tl::SavedDialog::SavedDialog(dialog) => dialog.peer.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    let peer = |id: UserId| tl::Peer::from(types::PeerUser { user_id: id.get() });
    assert_eq!((slice.count, peers), (3, vec![peer(alice), peer(bob)]));
    let tops: Vec<_> = slice.messages.iter().map(text).collect();
    assert_eq!(tops, ["a note", "number 2"]);
}

#[test]
fn there_are_no_direct_messages_of_channels() {
    let (mut cloud, alice, bob, _) = people();
    let parent_peer = Some(cloud.input_peer(alice, bob));
    let request = tl::messages::GetSavedDialogs { parent_peer, ..Default::default() };
    assert_eq!(cloud.call(alice, request), Err(RpcError::PEER_ID_INVALID));
}
