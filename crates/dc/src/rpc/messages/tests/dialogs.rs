//! The list of dialogs.

use std::time::Duration;

use heliogram_ids::UserId;
use heliogram_tl as tl;
use heliogram_tl::types;

use super::steps::{dialog, people, pts, say};
use crate::RpcError;
use crate::fanout::Notice;
use crate::fixture::Fixture;

fn list(
    cloud: &mut Fixture,
    of: UserId,
    change: impl FnOnce(&mut tl::messages::GetDialogs),
) -> (Vec<i64>, usize, bool) {
    let mut request = tl::messages::GetDialogs { limit: 100, ..Default::default() };
    change(&mut request);
    let (dialogs, messages, count, whole) = match cloud.call(of, request).expect("dialogs") {
        tl::messages::Dialogs::Dialogs(list) => {
            let count = list.dialogs.len();
            (list.dialogs, list.messages, count, true)
        }
        tl::messages::Dialogs::DialogsSlice(list) => {
            let count = usize::try_from(list.count).expect("a count");
            (list.dialogs, list.messages, count, false)
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(dialogs.len(), messages.len(), "every dialog comes with its newest message");
    (dialogs.iter().map(peer).collect(), count, whole)
}

fn peer(dialog: &tl::Dialog) -> i64 {
    match dialog {
        tl::Dialog::Dialog(dialog) => match &dialog.peer {
            tl::Peer::PeerUser(user) => user.user_id,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn pin(cloud: &mut Fixture, of: UserId, with: UserId, pinned: bool) -> crate::error::Rpc<bool> {
    let peer = types::InputDialogPeer { peer: cloud.input_peer(of, with) }.into();
    cloud.call(of, tl::messages::ToggleDialogPin { pinned, peer })
}

#[test]
fn the_list_is_paged_by_the_newest_messages() {
    let (mut cloud, alice, bob, carol) = people();
    let mut last = 0;
    for person in [carol, alice, bob] {
        last = say(&mut cloud, alice, person, "hi");
        cloud.wait(Duration::from_secs(1));
    }
    let all = [bob.get(), alice.get(), carol.get()];
    assert_eq!(list(&mut cloud, alice, |_| ()), (all.to_vec(), 3, true));

    let date = cloud.now.unix() - 1;
    let offset_peer = cloud.input_peer(alice, bob);
    let (first, count, whole) = list(&mut cloud, alice, |request| request.limit = 1);
    assert_eq!((first, count, whole), (vec![bob.get()], 3, false));
    let (rest, ..) = list(&mut cloud, alice, |request| {
        (request.offset_date, request.offset_id) = (date, last);
        request.offset_peer = offset_peer;
    });
    assert_eq!(rest, all[1..]);
}

#[test]
fn pinned_dialogs_stand_on_top_in_their_own_order() {
    let (mut cloud, alice, bob, carol) = people();
    for person in [alice, bob, carol] {
        say(&mut cloud, alice, person, "hi");
        cloud.wait(Duration::from_secs(1));
    }
    pin(&mut cloud, alice, alice, true).expect("a pin");
    let told = matches!(cloud.outbox.notices[0].notice, Notice::DialogPinned { pinned: true, .. });
    assert!(told, "other sessions learn of it");
    pin(&mut cloud, alice, bob, true).expect("a pin");

    let all = [bob.get(), alice.get(), carol.get()];
    assert_eq!(list(&mut cloud, alice, |_| ()).0, all);
    assert_eq!(list(&mut cloud, alice, |request| request.exclude_pinned = true).0, all[2..]);
    // A page that ends among the pinned ones is continued there.
    let tops: Vec<_> = [bob, alice].map(|with| dialog(&mut cloud, alice, with).top_message).into();
    let offset_peer = cloud.input_peer(alice, bob);
    let date = cloud.now.unix();
    let (rest, ..) = list(&mut cloud, alice, |request| {
        (request.offset_peer, request.offset_id, request.offset_date) =
            (offset_peer, tops[0], date);
    });
    assert_eq!(rest, all[1..]);

    let order = [alice, bob]
        .map(|with| types::InputDialogPeer { peer: cloud.input_peer(alice, with) }.into());
    let reorder =
        tl::messages::ReorderPinnedDialogs { force: true, folder_id: 0, order: order.to_vec() };
    cloud.call(alice, reorder).expect("an order");
    let request = tl::messages::GetPinnedDialogs { folder_id: 0 };
    let tl::messages::PeerDialogs::PeerDialogs(pinned) =
        cloud.call(alice, request).expect("pinned dialogs");
    assert_eq!(pinned.dialogs.iter().map(peer).collect::<Vec<_>>(), [alice.get(), bob.get()]);
    pin(&mut cloud, alice, bob, false).expect("taken down");
    assert_eq!(list(&mut cloud, alice, |_| ()).0, [alice.get(), carol.get(), bob.get()]);
}

#[test]
fn only_five_dialogs_can_be_pinned() {
    let (mut cloud, alice, ..) = people();
    for number in 0..6 {
        let person = cloud.person(&format!("Person {}", "x".repeat(number)));
        say(&mut cloud, alice, person, "hi");
        let expected = if number < 5 { Ok(true) } else { Err(RpcError::PINNED_DIALOGS_TOO_MUCH) };
        assert_eq!(pin(&mut cloud, alice, person, true), expected);
    }
    let stranger = cloud.person("Stranger");
    assert_eq!(pin(&mut cloud, alice, stranger, true), Err(RpcError::PEER_ID_INVALID));
}

#[test]
fn a_dialog_by_name_comes_with_the_true_state() {
    let (mut cloud, alice, bob, carol) = people();
    let top = say(&mut cloud, alice, bob, "hi");
    let peers = [bob, carol]
        .map(|with| types::InputDialogPeer { peer: cloud.input_peer(alice, with) }.into())
        .to_vec();
    let tl::messages::PeerDialogs::PeerDialogs(answer) =
        cloud.call(alice, tl::messages::GetPeerDialogs { peers }).expect("dialogs");
    let top_of = |dialog: &tl::Dialog| match dialog {
        tl::Dialog::Dialog(dialog) => dialog.top_message,
        other => panic!("{other:?}"),
    };
    assert_eq!(answer.dialogs.iter().map(top_of).collect::<Vec<_>>(), [top, 0]);
    let tl::updates::State::State(state) = answer.state;
    assert_eq!(state.pts, pts(&mut cloud, alice));
}

#[test]
fn a_mark_by_hand_lasts_until_the_dialog_is_read() {
    let (mut cloud, alice, bob, _) = people();
    say(&mut cloud, alice, bob, "hi");
    super::steps::read(&mut cloud, bob, alice, 0);
    let peer = types::InputDialogPeer { peer: cloud.input_peer(bob, alice) }.into();
    let mark = tl::messages::MarkDialogUnread { unread: true, peer, ..Default::default() };
    cloud.call(bob, mark).expect("a mark");
    let marks = tl::messages::GetDialogUnreadMarks::default();
    assert_eq!(cloud.call(bob, marks.clone()).expect("marks").len(), 1);
    super::steps::read(&mut cloud, bob, alice, 0);
    assert!(cloud.call(bob, marks).expect("marks").is_empty());
}

#[test]
fn a_box_from_before_the_count_was_kept_is_counted_once() {
    use heliogram_store::Read as _;

    use crate::domain::dialogs;
    use crate::tables::Boxes;

    let mut cloud = Fixture::new();
    let [alice, bob, carol] = ["Alice", "Bob", "Carol"].map(|name| cloud.person(name));
    for author in [bob, carol] {
        say(&mut cloud, author, alice, "unread");
    }
    let aged = cloud.write(move |txn| {
        let mut state = txn.get::<Boxes>(&alice)?.expect("the box was written to");
        assert_eq!(state.unread_dialogs, Some(2));
        state.unread_dialogs = None;
        txn.put::<Boxes>(&alice, &state)
    });
    aged.expect("rows can be written");
    let count = |cloud: &Fixture| cloud.store.read(|db| dialogs::unread_dialogs(db, alice)).ok();
    assert_eq!(count(&cloud), Some(2));

    let dave = cloud.person("Dave");
    say(&mut cloud, dave, alice, "unread, too");
    let row = cloud.store.read(|db| db.get::<Boxes>(&alice)).expect("rows can be read");
    assert_eq!(row.and_then(|state| state.unread_dialogs), Some(3));
}
