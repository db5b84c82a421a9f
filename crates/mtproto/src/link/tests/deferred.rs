//! Handshakes whose costly steps are done elsewhere.

use std::collections::HashMap;
use std::sync::Arc;

use super::pair::{NOW, Pair, handshake_config, server_config};
use super::web::{post, posted};
use crate::Fault;
use crate::handshake::Labour;
use crate::link::{ClientEvent, LinkEvent, ServerLink};
use crate::transport::Framing;

/// The work among some events.
fn labours(events: Vec<LinkEvent>) -> Vec<Labour> {
    let labour = |event| match event {
        LinkEvent::Labour(labour) => Some(*labour),
        _ => None,
    };
    events.into_iter().filter_map(labour).collect()
}

/// A pair whose client has asked a question that makes work, and the work.
fn at_work() -> (Pair, Labour) {
    let mut pair = Pair::plain(Framing::Intermediate);
    pair.server = ServerLink::new(server_config(None)).deferring();
    pair.client.start_handshake(NOW, handshake_config(None), &mut pair.rng);
    pair.reach_server().unwrap();
    pair.reach_client().unwrap();
    let mut labours = labours(pair.reach_server().unwrap());
    let labour = labours.pop().expect("the second question makes work");
    (pair, labour)
}

#[test]
fn a_key_is_made_of_work_that_was_done_elsewhere() {
    let (mut pair, mut labour) = at_work();
    let config = server_config(None);
    for _ in 0..2 {
        assert!(pair.reach_client().unwrap().is_empty(), "nothing is said before it is done");
        let outcome = labour.run(NOW, &config, &pair.keys, &mut pair.rng);
        pair.server.handle_outcome(NOW, outcome, &mut pair.rng);
        let created = pair.server.poll_event();
        let told = pair.reach_client().unwrap();
        if matches!(created, Some(LinkEvent::KeyCreated { .. })) {
            assert!(matches!(told[..], [ClientEvent::KeyReady(_)]));
            return;
        }
        labour = labours(pair.reach_server().unwrap()).pop().expect("the third question too");
    }
    panic!("no key after two labours");
}

#[test]
fn a_stream_is_read_while_there_is_work() {
    let (mut pair, labour) = at_work();
    assert!(!pair.server.is_busy());
    // The same question again, as after a loss: its answer comes once.
    let outcome = labour.run(NOW, &server_config(None), &pair.keys, &mut pair.rng);
    pair.server.handle_outcome(NOW, outcome, &mut pair.rng);
    pair.reach_client().unwrap();
    assert_eq!(labours(pair.reach_server().unwrap()).len(), 1);
}

#[test]
fn work_that_is_refused_is_a_flood() {
    let (mut pair, labour) = at_work();
    pair.server.handle_outcome(NOW, labour.refuse(), &mut pair.rng);
    let mut out = Vec::new();
    pair.server.poll_transmit(&mut out);
    assert_eq!(out, [&4_u32.to_le_bytes()[..], &(-429_i32).to_le_bytes()].concat());
}

/// A link that speaks HTTP and owes the answer to a step, and what a client would say next.
fn at_work_over_http() -> (ServerLink, Labour) {
    let (lobby, keys) = (Arc::default(), HashMap::new());
    let mut client = Pair::plain(Framing::Intermediate);
    client.client.start_handshake(NOW, handshake_config(None), &mut client.rng);
    let mut link = ServerLink::beside(server_config(None), lobby).deferring();
    loop {
        let mut said = Vec::new();
        client.client.poll_transmit(&mut said);
        let body = said.strip_prefix(&[0xee; 4]).unwrap_or(&said);
        let (answers, events) = posted(&mut link, &post(&body[4..]), &keys);
        if let Some(labour) = labours(events).pop() {
            assert!(answers.is_empty(), "{answers:?}");
            return (link, labour);
        }
        let [(200, answer)] = &answers[..] else { panic!("{answers:?}") };
        let len = u32::try_from(answer.len()).unwrap();
        let mut heard = [&len.to_le_bytes()[..], answer].concat();
        client.client.handle_bytes(NOW, &mut heard, &client.keys, &mut client.rng).unwrap();
    }
}

#[test]
fn over_http_nothing_is_read_while_there_is_work() {
    let (mut link, labour) = at_work_over_http();
    assert!(link.is_busy());
    let mut rng = heliogram_crypto::SeededRandom::new(62);
    let outcome = labour.run(NOW, &server_config(None), &HashMap::new(), &mut rng);
    link.handle_outcome(NOW, outcome, &mut rng);
    assert!(!link.is_busy());
    let (answers, _) = posted(&mut link, &[], &HashMap::new());
    assert!(matches!(answers[..], [(200, _)]), "{answers:?}");
}

#[test]
fn a_request_behind_a_step_ends_the_link() {
    let (mut link, _) = at_work_over_http();
    let mut rng = heliogram_crypto::SeededRandom::new(63);
    let mut step = post(&[0; 40]);
    // What comes in one piece with a question that makes work is behind it just the same.
    let fault = link.handle_bytes(NOW, &mut step, &HashMap::new(), &mut rng);
    assert_eq!(fault, Err(Fault::Protocol("request behind a step of a handshake")));
}
