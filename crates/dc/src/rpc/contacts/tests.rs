//! Address books, blocks and searches.

use heliogram_ids::UserId;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::error::{Rpc, RpcError};
use crate::fanout::Notice;
use crate::fixture::Fixture;

fn add(cloud: &mut Fixture, me: UserId, person: UserId, name: &str) -> Rpc<tl::Updates> {
    let id = cloud.input_user(me, person);
    let request = tl::contacts::AddContact { id, first_name: name.into(), ..Default::default() };
    cloud.call(me, request)
}

fn book(cloud: &mut Fixture, me: UserId) -> types::contacts::Contacts {
    match cloud.call(me, tl::contacts::GetContacts { hash: 0 }) {
        Ok(tl::contacts::Contacts::Contacts(book)) => *book,
        other => panic!("{other:?}"),
    }
}

fn seen(cloud: &mut Fixture, me: UserId, person: UserId) -> types::User {
    let id = vec![cloud.input_user(me, person)];
    match cloud.call(me, tl::users::GetUsers { id }).expect("a user").remove(0) {
        tl::User::User(user) => *user,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_contact_goes_by_the_name_it_was_saved_under() {
    let mut cloud = Fixture::new();
    let (alice, bob) = (cloud.person("Alice"), cloud.person("Bob"));
    assert_eq!(add(&mut cloud, alice, bob, " "), Err(RpcError::CONTACT_NAME_EMPTY));
    assert_eq!(add(&mut cloud, alice, alice, "Me"), Err(RpcError::CONTACT_ID_INVALID));
    add(&mut cloud, alice, bob, "Bobby").expect("a contact");

    let bobby = seen(&mut cloud, alice, bob);
    assert_eq!(bobby.first_name.as_deref(), Some("Bobby"));
    assert!(bobby.contact && !bobby.mutual_contact);
    assert_eq!(bobby.phone, None, "a number is shown to whom its owner has saved");
    assert!(seen(&mut cloud, bob, alice).phone.is_some());

    add(&mut cloud, bob, alice, "Al").expect("a contact");
    assert!(seen(&mut cloud, alice, bob).mutual_contact);
    let tl::Contact::Contact(entry) = book(&mut cloud, alice).contacts.remove(0);
    assert!(entry.mutual && entry.user_id == bob.get());

    let id = vec![cloud.input_user(alice, bob)];
    cloud.call(alice, tl::contacts::DeleteContacts { id }).expect("a deletion");
    assert!(book(&mut cloud, alice).contacts.is_empty());
    assert_eq!(seen(&mut cloud, alice, bob).first_name.as_deref(), Some("Bob"));
}

#[test]
fn an_unchanged_address_book_is_not_sent_again() {
    let mut cloud = Fixture::new();
    let (alice, bob) = (cloud.person("Alice"), cloud.person("Bob"));
    add(&mut cloud, alice, bob, "Bob").expect("a contact");
    let mut hash = 0_u64;
    for number in [1, bob.get().cast_unsigned()] {
        hash ^= hash >> 21;
        hash ^= hash << 35;
        hash ^= hash >> 4;
        hash = hash.wrapping_add(number);
    }
    let request = tl::contacts::GetContacts { hash: hash.cast_signed() };
    assert_eq!(cloud.call(alice, request.clone()), Ok(tl::contacts::Contacts::ContactsNotModified));
    let carol = cloud.person("Carol");
    add(&mut cloud, alice, carol, "Carol").expect("a contact");
    assert_ne!(cloud.call(alice, request), Ok(tl::contacts::Contacts::ContactsNotModified));
}

#[test]
fn numbers_are_imported_with_their_client_ids() {
    let mut cloud = Fixture::new();
    let (alice, bob) = (cloud.person("Alice"), cloud.person("Bob"));
    let phone = seen(&mut cloud, bob, bob).phone.expect("one's own number");
    let entry = |client_id, phone: &str| -> tl::InputContact {
        let first_name = "Imported".into();
        types::InputPhoneContact {
            client_id,
            phone: phone.into(),
            first_name,
            ..Default::default()
        }
        .into()
    };
    let contacts = vec![entry(7, &format!("+{phone}")), entry(8, "99966777777"), entry(9, "?")];
    let answer = cloud.call(alice, tl::contacts::ImportContacts { contacts });
    let Ok(tl::contacts::ImportedContacts::ImportedContacts(answer)) = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(
        answer.imported,
        [types::ImportedContact { user_id: bob.get(), client_id: 7 }.into()]
    );
    assert_eq!(answer.users.len(), 1);
    assert_eq!(seen(&mut cloud, alice, bob).phone.as_ref(), Some(&phone));
}

#[test]
fn usernames_and_numbers_are_resolved() {
    let mut cloud = Fixture::new();
    let (alice, bob) = (cloud.person("Alice"), cloud.person("Bob"));
    cloud.bot("helper_bot", bob);
    let resolve = |username: &str| tl::contacts::ResolveUsername {
        username: username.into(),
        ..Default::default()
    };
    let answer = cloud.call(alice, resolve("Helper_BOT"));
    let Ok(tl::contacts::ResolvedPeer::ResolvedPeer(found)) = answer else { panic!("{answer:?}") };
    assert!(matches!(&found.users[..], [tl::User::User(user)] if user.bot));
    assert_eq!(cloud.call(alice, resolve("nobody")), Err(RpcError::USERNAME_NOT_OCCUPIED));
    assert_eq!(cloud.call(alice, resolve("no body")), Err(RpcError::USERNAME_INVALID));

    let phone = seen(&mut cloud, bob, bob).phone.expect("one's own number");
    let answer = cloud.call(alice, tl::contacts::ResolvePhone { phone });
    let Ok(tl::contacts::ResolvedPeer::ResolvedPeer(found)) = answer else { panic!("{answer:?}") };
    assert_eq!(found.peer, types::PeerUser { user_id: bob.get() }.into());
    let unknown = tl::contacts::ResolvePhone { phone: "99966777777".into() };
    assert_eq!(cloud.call(alice, unknown), Err(RpcError::PHONE_NOT_OCCUPIED));
}

#[test]
fn search_finds_acquaintances_by_name_and_strangers_by_username() {
    let mut cloud = Fixture::new();
    let (alice, bob, carol) = (cloud.person("Alice"), cloud.person("Bob"), cloud.person("Carol"));
    let bot = cloud.bot("bobcat_bot", carol);
    add(&mut cloud, alice, bob, "Uncle Bob").expect("a contact");
    let search = |q: &str| tl::contacts::Search { q: q.into(), limit: 10, ..Default::default() };
    let answer = cloud.call(alice, search("bob"));
    let Ok(tl::contacts::Found::Found(found)) = answer else { panic!("{answer:?}") };
    assert_eq!(found.my_results, [types::PeerUser { user_id: bob.get() }.into()]);
    assert_eq!(found.results, [types::PeerUser { user_id: bot.get() }.into()]);
    assert_eq!(found.users.len(), 2);
    assert_eq!(cloud.call(alice, search(" @")), Err(RpcError::SEARCH_QUERY_EMPTY));
}

#[test]
fn who_is_blocked_is_listed_and_not_told() {
    let mut cloud = Fixture::new();
    let (alice, bob) = (cloud.person("Alice"), cloud.person("Bob"));
    let id = cloud.input_peer(alice, bob);
    let block = tl::contacts::Block { my_stories_from: false, id: id.clone() };
    assert_eq!(cloud.call(alice, block), Ok(true));
    assert!(cloud.outbox.notices.iter().all(|told| told.to == alice));
    assert!(matches!(
        cloud.outbox.notices[0].notice,
        Notice::Blocked { peer, blocked: true } if peer == bob
    ));
    let list = tl::contacts::GetBlocked { limit: 10, ..Default::default() };
    let answer = cloud.call(alice, list.clone());
    let Ok(tl::contacts::Blocked::Blocked(listed)) = answer else { panic!("{answer:?}") };
    assert_eq!(listed.blocked.len(), 1);

    let unblock = tl::contacts::Unblock { my_stories_from: false, id };
    assert_eq!(cloud.call(alice, unblock), Ok(true));
    let answer = cloud.call(alice, list);
    let Ok(tl::contacts::Blocked::Blocked(listed)) = answer else { panic!("{answer:?}") };
    assert!(listed.blocked.is_empty());

    let id = cloud.input_peer(alice, alice);
    let own = tl::contacts::Block { my_stories_from: false, id };
    assert_eq!(cloud.call(alice, own), Err(RpcError::PEER_ID_INVALID));
}
