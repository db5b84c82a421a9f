//! Finding messages.

use heliogram_ids::UserId;
use heliogram_tl as tl;

use super::steps::{messages, people, say, text};
use crate::RpcError;
use crate::fixture::Fixture;

fn found(
    cloud: &mut Fixture,
    of: UserId,
    with: UserId,
    change: impl FnOnce(&mut tl::messages::Search),
) -> (Vec<String>, usize) {
    let peer = cloud.input_peer(of, with);
    let mut request = tl::messages::Search { peer, limit: 100, ..Default::default() };
    change(&mut request);
    let answer = cloud.call(of, request).expect("a search");
    let count = match &answer {
        tl::messages::Messages::Messages(page) => page.messages.len(),
        tl::messages::Messages::MessagesSlice(page) => usize::try_from(page.count).expect("count"),
        other => panic!("{other:?}"),
    };
    (messages(answer).iter().map(text).collect(), count)
}

#[test]
fn words_are_found_in_one_dialog_and_counted() {
    let (mut cloud, alice, bob, carol) = people();
    for text in ["red apple", "green pear", "Apple pie", "apples"] {
        say(&mut cloud, alice, bob, text);
    }
    say(&mut cloud, alice, carol, "an apple elsewhere");
    let (texts, count) = found(&mut cloud, alice, bob, |request| request.q = "apple".into());
    assert_eq!(
        (texts.as_slice(), count),
        (["apples", "Apple pie", "red apple"].map(String::from).as_slice(), 3)
    );
    let (texts, count) = found(&mut cloud, alice, bob, |request| {
        request.q = "apple".into();
        request.limit = 1;
        request.add_offset = 1;
    });
    assert_eq!((texts, count), (vec!["Apple pie".to_owned()], 3));
}

#[test]
fn authors_and_links_are_told_apart() {
    let (mut cloud, alice, bob, _) = people();
    say(&mut cloud, alice, bob, "see https://example.org");
    say(&mut cloud, bob, alice, "thanks");
    let from = cloud.input_peer(alice, bob);
    let (texts, _) = found(&mut cloud, alice, bob, |request| request.from_id = Some(from));
    assert_eq!(texts, ["thanks"]);
    let (texts, _) = found(&mut cloud, alice, bob, |request| {
        request.filter = tl::MessagesFilter::InputMessagesFilterUrl;
    });
    assert_eq!(texts, ["see https://example.org"]);

    let filters = vec![
        tl::MessagesFilter::InputMessagesFilterUrl,
        tl::MessagesFilter::InputMessagesFilterPhotos,
    ];
    let peer = cloud.input_peer(alice, bob);
    let request = tl::messages::GetSearchCounters { peer, filters, ..Default::default() };
    let counts: Vec<_> = cloud
        .call(alice, request)
        .expect("counters")
        .iter()
        .map(|tl::messages::SearchCounter::SearchCounter(counter)| counter.count)
        .collect();
    assert_eq!(counts, [1, 0]);
}

#[test]
fn all_dialogs_are_searched_page_by_page() {
    let (mut cloud, alice, bob, carol) = people();
    say(&mut cloud, alice, bob, "apple one");
    let second = say(&mut cloud, alice, carol, "apple two");
    say(&mut cloud, alice, alice, "pear");
    let ask = |offset_id, limit| tl::messages::SearchGlobal {
        q: "apple".into(),
        offset_id,
        limit,
        ..Default::default()
    };
    let first = messages(cloud.call(alice, ask(0, 1)).expect("a page"));
    assert_eq!(first.iter().map(text).collect::<Vec<_>>(), ["apple two"]);
    let rest = messages(cloud.call(alice, ask(second, 10)).expect("a page"));
    assert_eq!(rest.iter().map(text).collect::<Vec<_>>(), ["apple one"]);
    let everything = tl::messages::SearchGlobal { limit: 10, ..Default::default() };
    assert_eq!(cloud.call(alice, everything), Err(RpcError::SEARCH_QUERY_EMPTY));
}

#[test]
fn a_search_without_a_dialog_finds_nothing() {
    let (mut cloud, alice, bob, _) = people();
    say(&mut cloud, alice, bob, "hello");
    let (texts, count) = found(&mut cloud, alice, bob, |request| {
        request.peer = tl::InputPeer::InputPeerEmpty;
        request.q = "hello".into();
    });
    assert_eq!((texts.len(), count), (0, 0));
}
