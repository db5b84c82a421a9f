//! Links on plain and on obfuscated streams: a client's meets a server's, and a server's meets
//! everybody else.

use std::sync::Arc;
use std::time::Duration;

use heliogram_crypto::{AuthKey, SeededRandom};
use heliogram_ids::SessionId;
use heliogram_tl::Encode as _;
use heliogram_tl::mtproto::ReqPq;
use proptest::prelude::*;

use super::pair::*;
use crate::Fault;
use crate::handshake::{HandshakeConfig, HandshakeError};
use crate::link::*;
use crate::message::Outgoing;
use crate::transport::Framing;

#[track_caller]
fn check_opened(event: &LinkEvent, sent: &Outgoing) {
    let LinkEvent::Opened(opened) = event else { panic!("{event:?}") };
    check_same(opened, sent);
}

#[track_caller]
fn check_same(opened: &crate::message::Opened, sent: &Outgoing) {
    assert_eq!((opened.salt, opened.session_id), (sent.salt, sent.session_id));
    assert_eq!((opened.msg_id, opened.seq_no), (sent.msg_id, sent.seq_no));
    assert!(opened.body == sent.body);
}

#[test]
fn keys_are_made_and_used_over_every_transport() {
    let day = Duration::from_secs(86_400);
    for (at, (transport, secret)) in transports().into_iter().enumerate() {
        let chunk = [1, 7, 100, usize::MAX][at % 4];
        let mut pair = Pair::new(transport, secret, chunk);
        // Permanent, then temporary, on one connection, as clients with forward secrecy do.
        for lifetime in [None, Some(day)] {
            let (created, ready) = pair.shake_hands(handshake_config(lifetime));
            let LinkEvent::KeyCreated { auth_key, salt, expires_in, dc } = created else {
                panic!("{created:?}")
            };
            assert_eq!((&auth_key, salt), (&ready.auth_key, ready.salt));
            assert_eq!((expires_in, dc), (lifetime, Some(2)));
            assert_eq!(ready.expires_in, lifetime);
            for len in [4, 16, 508, 512, 1000, 70_000] {
                let (there, back) = (message(4, len), message(5, len));
                pair.client.send(&mut pair.rng, &auth_key, &there);
                check_opened(&pair.reach_server().unwrap()[0], &there);
                pair.server.send(&mut pair.rng, &auth_key, &back);
                match &pair.reach_client().unwrap()[..] {
                    [ClientEvent::Opened(opened)] => check_same(opened, &back),
                    other => panic!("{transport:?}: {other:?}"),
                }
            }
        }
    }
}

#[test]
fn several_messages_arrive_in_one_read() {
    for (transport, secret) in transports() {
        let (mut pair, key) = Pair::new(transport, secret, usize::MAX).with_key();
        let sent: Vec<_> = (1..20).map(|n| message(n * 4, 4 * n as usize)).collect();
        for one in &sent {
            pair.client.send(&mut pair.rng, &key, one);
        }
        let events = pair.reach_server().unwrap();
        assert_eq!(events.len(), sent.len());
        for (event, sent) in events.iter().zip(&sent) {
            check_opened(event, sent);
        }
    }
}

/// Short messages and long ones, which wait to be sealed.
fn mixed() -> Vec<Outgoing> {
    let lengths = [4, 9000, 16, 20_000, 20_000, 8, 40_000, 12, 8192, 8188];
    (1..).zip(lengths).map(|(n, len)| message(n * 4, len)).collect()
}

#[test]
fn long_messages_keep_their_place_among_short_ones() {
    for (transport, secret) in transports() {
        let (mut pair, key) = Pair::new(transport, secret, usize::MAX).with_key();
        let sent = mixed();
        for one in &sent {
            pair.client.send(&mut pair.rng, &key, one);
        }
        let token = pair.client.send_for_quick_ack(&mut pair.rng, &key, &message(400, 64));
        let events = pair.reach_server().unwrap();
        assert_eq!(events.len(), sent.len() + 1, "{transport:?}");
        for (event, sent) in events.iter().zip(&sent) {
            check_opened(event, sent);
        }

        for one in &sent {
            pair.server.send(&mut pair.rng, &key, one);
        }
        pair.server.send_quick_ack(token);
        let mut heard = pair.reach_client().unwrap();
        if !matches!(transport, ClientTransport::Plain(Framing::Full)) {
            let last = heard.pop();
            assert!(matches!(last, Some(ClientEvent::QuickAck(back)) if back == token), "{last:?}");
        }
        check_heard(&heard, &sent);
    }
}

#[test]
fn frames_are_sealed_elsewhere_and_come_back() {
    for (transport, secret) in transports() {
        let (mut pair, key) = Pair::new(transport, secret, usize::MAX).with_key();
        pair.client.send(&mut pair.rng, &key, &message(4, 4));
        pair.reach_server().unwrap();
        let sent = mixed();
        let (early, late) = sent.split_at(5);
        let mut bytes = Vec::new();
        for some in [early, late] {
            for one in some {
                pair.server.send(&mut pair.rng, &key, one);
            }
            pair.server.poll_transmit_sealed(&mut bytes);
            let frames = pair.server.poll_unsealed();
            assert!(!frames.is_empty() && pair.server.queued_bytes() == 0);
            pair.server.handle_sealed(seal_frames(frames));
            pair.server.poll_transmit_sealed(&mut bytes);
            assert!(pair.server.poll_unsealed().is_empty() && pair.server.queued_bytes() == 0);
        }
        pair.client.handle_bytes(NOW, &mut bytes, &pair.keys, &mut pair.rng).unwrap();
        let heard: Vec<_> = std::iter::from_fn(|| pair.client.poll_event()).collect();
        check_heard(&heard, &sent);
    }
}

#[track_caller]
fn check_heard(heard: &[ClientEvent], sent: &[Outgoing]) {
    assert_eq!(heard.len(), sent.len());
    for (event, sent) in heard.iter().zip(sent) {
        let ClientEvent::Opened(opened) = event else { panic!("{event:?}") };
        check_same(opened, sent);
    }
}

#[test]
fn a_quick_ack_names_the_message_that_asked() {
    for framing in [Framing::Abridged, Framing::Intermediate, Framing::Padded] {
        let (mut pair, key) = Pair::plain(framing).with_key();
        for len in [4, 600] {
            let token = pair.client.send_for_quick_ack(&mut pair.rng, &key, &message(4, len));
            pair.client.send(&mut pair.rng, &key, &message(8, 4));
            let tokens = pair.reach_server().unwrap().into_iter().map(|event| match event {
                LinkEvent::Opened(opened) => opened.quick_ack,
                other => panic!("{other:?}"),
            });
            assert_eq!(tokens.collect::<Vec<_>>(), [Some(token), None]);
            pair.server.send_quick_ack(token);
            let events = pair.reach_client().unwrap();
            assert!(matches!(events[..], [ClientEvent::QuickAck(got)] if got == token));
        }
    }
}

#[test]
fn the_full_transport_has_no_quick_acks() {
    let (mut pair, key) = Pair::plain(Framing::Full).with_key();
    let token = pair.client.send_for_quick_ack(&mut pair.rng, &key, &message(4, 4));
    assert!(
        matches!(&pair.reach_server().unwrap()[..], [LinkEvent::Opened(o)] if o.quick_ack.is_none())
    );
    pair.server.send_quick_ack(token);
    assert!(!pair.server.poll_transmit(&mut Vec::new()));
}

#[test]
fn errors_and_signs_of_life_are_told_apart() {
    for (transport, secret) in transports() {
        let (mut pair, key) = Pair::new(transport, secret, usize::MAX).with_key();
        pair.client.send(&mut pair.rng, &key, &message(4, 4));
        pair.reach_server().unwrap();
        for code in [-404, -429, -444, 0] {
            pair.server.send_error(code);
        }
        let codes = pair.reach_client().unwrap().into_iter().map(|event| match event {
            ClientEvent::TransportError(code) => code,
            other => panic!("{other:?}"),
        });
        assert_eq!(codes.collect::<Vec<_>>(), [-404, -429, -444]);
    }
}

/// What is written to a client that sent `bytes`, and the fault that ends its link.
fn answer(bytes: &[u8]) -> (Vec<u8>, Option<Fault>) {
    let mut server = ServerLink::new(server_config(None));
    let mut rng = SeededRandom::new(62);
    let fault =
        server.handle_bytes(NOW, &mut bytes.to_vec(), &None::<Arc<AuthKey>>, &mut rng).err();
    let mut out = Vec::new();
    server.poll_transmit(&mut out);
    (out, fault)
}

#[track_caller]
fn check_answer(bytes: &[u8], expected: &[u8]) {
    assert_eq!(answer(bytes), (expected.to_vec(), None));
}

#[track_caller]
fn check_fault(bytes: &[u8], fault: Fault) {
    assert_eq!(answer(bytes), (Vec::new(), Some(fault)));
}

/// A frame of the full transport.
fn full(number: u32, payload: &[u8]) -> Vec<u8> {
    let len = u32::try_from(payload.len() + 12).unwrap();
    let mut frame = [&len.to_le_bytes()[..], &number.to_le_bytes(), payload].concat();
    let checksum = crc32fast::hash(&frame);
    frame.extend_from_slice(&checksum.to_le_bytes());
    frame
}

const NOT_FOUND: [u8; 4] = (-404_i32).to_le_bytes();

#[test]
fn an_unknown_key_is_answered_unpadded_and_the_link_lives() {
    let payload = [7; 72];
    let abridged = [&[18][..], &payload].concat();
    check_answer(
        &[&[0xef][..], &abridged, &abridged].concat(),
        &[1, 0x6c, 0xfe, 0xff, 0xff, 1, 0x6c, 0xfe, 0xff, 0xff],
    );
    let intermediate = [&72_u32.to_le_bytes()[..], &payload].concat();
    let error = [&4_u32.to_le_bytes()[..], &NOT_FOUND].concat();
    check_answer(&[&[0xee; 4][..], &intermediate].concat(), &error);
    check_answer(&[&[0xdd; 4][..], &intermediate].concat(), &error);
    check_answer(&full(0, &payload), &full(0, &NOT_FOUND));
}

#[test]
fn malformed_handshakes_are_answered_with_not_found() {
    let plain = |body: &[u8]| {
        let len = u32::try_from(body.len()).unwrap();
        let payload = [&[0; 16][..], &len.to_le_bytes(), body].concat();
        [&[0xef, u8::try_from(payload.len() / 4).unwrap()][..], &payload].concat()
    };
    let error = [&[1][..], &NOT_FOUND].concat();
    check_answer(&plain(&[1, 2, 3, 4]), &error);
    check_answer(&plain(&ReqPq { nonce: [1; 16] }.to_bytes()[..16]), &error);
    check_answer(&[0xef, 2, 0, 0, 0, 0, 0, 0, 0, 0], &error);
    let (reply, fault) = answer(&plain(&ReqPq { nonce: [1; 16] }.to_bytes()));
    assert_eq!((reply[1..9].to_vec(), fault), (vec![0; 8], None));
    // Seen: tdesktop 2025-09 takes no other id for an answer.
    assert_eq!(reply[9] & 3, 1);
}

#[test]
fn impossible_frames_end_the_link() {
    let limit = 1 << 20;
    check_fault(&[0xef, 0], Fault::FrameLength(0));
    check_fault(&[0xef, 0x80], Fault::FrameLength(0));
    check_fault(&[0xef, 0x7f, 1, 0, 0], Fault::FrameLength(4));
    check_fault(&[0xef, 0x7f, 0, 0, 0x10], Fault::FrameLong { found: 1 << 22, limit });
    check_fault(&[0xef, 1, 0, 0, 0, 0], Fault::FrameLength(4));
    for tag in [0xee, 0xdd] {
        let head = |len: u32| [&[tag; 4][..], &len.to_le_bytes()].concat();
        check_fault(&head(0), Fault::FrameLength(0));
        check_fault(&head(1 << 31), Fault::FrameLength(0));
        let found = i32::MAX as usize & !3;
        check_fault(&head(u32::MAX - 3), Fault::FrameLong { found, limit });
    }
    check_fault(&[0xee, 0xee, 0xee, 0xee, 73, 0, 0, 0], Fault::FrameLength(73));
    for len in [0_u32, 8, 12, 17] {
        let head = [&len.to_le_bytes()[..], &[0; 4]].concat();
        check_fault(&head, Fault::FrameLength(len as usize));
    }
    let head = [&u32::MAX.to_le_bytes()[..], &[0; 4]].concat();
    check_fault(&head, Fault::FrameLength(usize::MAX));
}

#[test]
fn the_full_transport_counts_and_sums() {
    let payload = [7; 72];
    let two = [full(0, &payload), full(1, &payload)].concat();
    check_answer(&two, &[full(0, &NOT_FOUND), full(1, &NOT_FOUND)].concat());
    let (_, fault) = answer(&[full(0, &payload), full(0, &payload)].concat());
    assert_eq!(fault, Some(Fault::FrameNumber { found: 0, expected: 1 }));
    let mut damaged = full(0, &payload);
    damaged[20] ^= 1;
    check_fault(&damaged, Fault::FrameChecksum);
}

#[test]
fn strangers_do_not_make_the_server_buffer() {
    let mut rng = SeededRandom::new(63);
    let mut server = ServerLink::new(server_config(None));
    let mut frame = [&[0xee; 4][..], &(1_u32 << 20).to_le_bytes()].concat();
    frame.resize(frame.len() + (1 << 20), 7);
    let mut out = Vec::new();
    for piece in frame.chunks_mut(1000) {
        server.handle_bytes(NOW, piece, &None::<Arc<AuthKey>>, &mut rng).unwrap();
        assert!(server.buffered() <= 16 << 10);
        server.poll_transmit(&mut out);
    }
    assert_eq!(out, [&4_u32.to_le_bytes()[..], &NOT_FOUND].concat());
    let plain = [&[0xee; 4][..], &(1_u32 << 20).to_le_bytes(), &[0; 8]].concat();
    check_fault(&plain, Fault::FrameLong { found: 1 << 20, limit: 16 << 10 });
}

#[test]
fn forgeries_under_a_known_key_end_the_link_silently() {
    for (change, fault) in [(60, Fault::MsgKey), (12, Fault::MsgKey)] {
        let (mut pair, key) = Pair::plain(Framing::Intermediate).with_key();
        pair.client.send(&mut pair.rng, &key, &message(4, 64));
        let mut bytes = Vec::new();
        pair.client.poll_transmit(&mut bytes);
        bytes[8 + change] ^= 1;
        let handled = pair.server.handle_bytes(NOW, &mut bytes, &pair.keys, &mut pair.rng);
        assert_eq!(handled, Err(fault));
        assert!(!pair.server.poll_transmit(&mut Vec::new()));
        assert!(pair.server.poll_event().is_none());
    }
}

#[test]
fn session_zero_ends_the_link() {
    let (mut pair, key) = Pair::plain(Framing::Abridged).with_key();
    let zero = Outgoing { session_id: SessionId(0), ..message(4, 4) };
    pair.client.send(&mut pair.rng, &key, &zero);
    assert_eq!(pair.reach_server().unwrap_err(), Fault::Session);
}

#[test]
fn other_protocols_and_noise_end_the_link() {
    check_fault(&[0x16, 3, 1, 2, 0, 1, 0, 1], Fault::Transport([0x16, 3, 1, 2]));
    check_fault(&[7; 64], Fault::Transport([7; 4]));
    check_answer(&[7; 63], &[]);
}

#[test]
fn a_client_is_told_why_its_handshake_failed() {
    let mut pair = Pair::plain(Framing::Abridged);
    let wrong_dc = HandshakeConfig { dc: Some(3), ..handshake_config(None) };
    pair.client.start_handshake(NOW, wrong_dc, &mut pair.rng);
    pair.reach_server().unwrap();
    pair.reach_client().unwrap();
    pair.reach_server().unwrap();
    let events = pair.reach_client().unwrap();
    assert!(matches!(events[..], [ClientEvent::HandshakeFailed(HandshakeError::Refused(-444))]));
}

#[test]
fn a_client_waits_only_so_long() {
    let mut pair = Pair::plain(Framing::Abridged);
    assert_eq!(pair.client.poll_timeout(), None);
    pair.client.start_handshake(NOW, handshake_config(None), &mut pair.rng);
    let deadline = pair.client.poll_timeout().unwrap();
    pair.client.handle_timeout(NOW);
    assert!(pair.client.poll_event().is_none());
    pair.client.handle_timeout(deadline);
    let event = pair.client.poll_event();
    assert!(matches!(event, Some(ClientEvent::HandshakeFailed(HandshakeError::Timeout))));
}

#[test]
fn a_server_forgets_handshakes_that_stall() {
    let mut pair = Pair::plain(Framing::Abridged);
    pair.client.start_handshake(NOW, handshake_config(None), &mut pair.rng);
    pair.reach_server().unwrap();
    let deadline = pair.server.poll_timeout().unwrap();
    assert_eq!(deadline, NOW + LinkLimits::DEFAULT.exchange_lifetime);
    pair.server.handle_timeout(deadline);
    assert_eq!(pair.server.poll_timeout(), None);
}

#[test]
fn an_idle_link_is_small() {
    let mut pair = Pair::plain(Framing::Intermediate);
    let (_, ready) = pair.shake_hands(handshake_config(None));
    pair.client.send(&mut pair.rng, &ready.auth_key, &message(4, 4000));
    pair.reach_server().unwrap();
    pair.server.send(&mut pair.rng, &ready.auth_key, &message(5, 4000));
    pair.reach_client().unwrap();
    assert_eq!(pair.server.buffered(), 0);
    assert!(size_of::<ServerLink>() <= 320, "{}", size_of::<ServerLink>());
}

#[test]
fn a_client_refuses_a_foreign_key() {
    let (mut pair, key) = Pair::plain(Framing::Abridged).with_key();
    pair.client.send(&mut pair.rng, &key, &message(4, 4));
    pair.reach_server().unwrap();
    pair.server.send(&mut pair.rng, &Arc::new(AuthKey::new([6; 256])), &message(5, 4));
    assert_eq!(pair.reach_client().unwrap_err(), Fault::AuthKey);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_a_server_panic_or_hoard(
        tag in prop::sample::select(vec![&[0xef_u8][..], &[0xee; 4], &[0xdd; 4], &[]]),
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..30),
    ) {
        let mut server = ServerLink::new(server_config(None));
        let mut rng = SeededRandom::new(64);
        let mut out = Vec::new();
        let pieces = std::iter::once(tag.to_vec()).chain(pieces);
        for mut piece in pieces {
            if server.handle_bytes(NOW, &mut piece, &None::<Arc<AuthKey>>, &mut rng).is_err() {
                break;
            }
            prop_assert!(server.buffered() <= (16 << 10) + 8);
            server.poll_transmit(&mut out);
            prop_assert!(server.poll_event().is_none());
        }
    }

    #[test]
    fn no_bytes_make_a_client_panic(
        framing in prop::sample::select(Framing::ALL.to_vec()),
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..30),
        seed: u64,
    ) {
        let mut rng = SeededRandom::new(seed);
        let transport = ClientTransport::Plain(framing);
        let config = ClientConfig { transport, limits: LinkLimits::DEFAULT };
        let mut client = ClientLink::new(&config, &mut rng);
        client.start_handshake(NOW, handshake_config(None), &mut rng);
        for mut piece in pieces {
            if client.handle_bytes(NOW, &mut piece, &None::<Arc<AuthKey>>, &mut rng).is_err() {
                break;
            }
        }
    }

    #[test]
    fn chunks_do_not_matter(
        at in 0_usize..10,
        cuts in prop::collection::vec(1_usize..90, 1..40),
        words in prop::collection::vec(1_usize..200, 1..5),
    ) {
        let (transport, secret) = transports().remove(at);
        let (mut pair, key) = Pair::new(transport, secret, usize::MAX).with_key();
        let sent: Vec<_> = words.iter().map(|words| message(4, words * 4)).collect();
        for one in &sent {
            pair.client.send(&mut pair.rng, &key, one);
        }
        let mut bytes = Vec::new();
        pair.client.poll_transmit(&mut bytes);
        let mut rest = &mut bytes[..];
        let mut cuts = cuts.into_iter().cycle();
        while !rest.is_empty() {
            let (piece, tail) = rest.split_at_mut(cuts.next().unwrap().min(rest.len()));
            pair.server.handle_bytes(NOW, piece, &pair.keys, &mut pair.rng).unwrap();
            rest = tail;
        }
        for one in &sent {
            check_opened(&pair.server.poll_event().unwrap(), one);
        }
        prop_assert_eq!(pair.server.buffered(), 0);
    }
}
