//! What an app asks at its start, and finds empty.

use heliogram_tl as tl;
use heliogram_tl::types;

use crate::RpcError;
use crate::fixture::Fixture;

#[test]
fn an_app_finds_empty_lists_at_its_start() {
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");

    let stickers = cloud.call(alice, tl::messages::GetAllStickers { hash: 7 });
    assert_eq!(stickers, Ok(types::messages::AllStickers { hash: 0, sets: Vec::new() }.into()));
    let reactions = cloud.call(alice, tl::messages::GetAvailableReactions { hash: 7 });
    let none = types::messages::AvailableReactions { hash: 0, reactions: Vec::new() };
    assert_eq!(reactions, Ok(none.into()));
    let filters = cloud.call(alice, tl::messages::GetDialogFilters {});
    let none = types::messages::DialogFilters { tags_enabled: false, filters: Vec::new() };
    assert_eq!(filters, Ok(none.into()));
    let menu = cloud.call(alice, tl::messages::GetAttachMenuBots { hash: 0 });
    assert_eq!(menu, Ok(types::AttachMenuBots::default().into()));
}

#[test]
fn what_is_asked_by_name_is_told_to_be_unknown() {
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");
    let stickerset = types::InputStickerSetShortName { short_name: "cats".into() }.into();
    let set = cloud.call(alice, tl::messages::GetStickerSet { stickerset, hash: 0 });
    assert_eq!(set, Err(RpcError::STICKERSET_INVALID));
    let chats = cloud.call(alice, tl::messages::GetChats { id: vec![5] });
    assert_eq!(chats, Err(RpcError::CHAT_ID_INVALID));
}

#[test]
fn nobody_learns_whether_a_stranger_exists_by_asking_for_empty_lists() {
    let mut cloud = Fixture::new();
    let (alice, bob) = (cloud.person("Alice"), cloud.person("Bob"));
    let peer: tl::InputPeer = types::InputPeerUser { user_id: bob.get(), access_hash: 1 }.into();
    let request = tl::messages::GetScheduledHistory { peer, hash: 0 };
    assert_eq!(cloud.call(alice, request), Err(RpcError::PEER_ID_INVALID));
    let peer = cloud.input_peer(alice, bob);
    let request = tl::messages::ReadMentions { peer, ..Default::default() };
    let answer = cloud.call(alice, request).expect("nothing to read");
    let tl::messages::AffectedHistory::AffectedHistory(answer) = answer;
    assert_eq!((answer.pts, answer.pts_count, answer.offset), (1, 0, 0));
}
