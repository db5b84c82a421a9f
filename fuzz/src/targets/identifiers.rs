//! What people paste: file ids, ids of inline messages, tokens, proxies' secrets, session strings.
//!
//! The first byte says which; the rest is the text. What is taken is spelt again and taken for the same,
//! and what is not is refused with a reason.

use arbitrary::Unstructured;
use heliogram_botapi::file_id::{FileRef, InlineMessageId};
use heliogram_botapi::{ChatRef, Token};
use heliogram_client::session::{Change, SessionString};
use heliogram_ids::{Peer, UserId};
use heliogram_mtproto::transport::ProxyKey;

pub(super) fn check(input: &[u8]) {
    let Some((&kind, rest)) = input.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    match kind & 7 {
        0 => check_file_id(&text),
        1 => check_file_id(&base64(rest, &[59, 4])),
        2 => check_inline(&text),
        3 => check_inline(&base64(rest, &[])),
        4 => check_token(&text),
        5 => check_proxy(&text),
        6 => check_session(rest, &text),
        _ => check_names(rest, &text),
    }
}

/// The text of an id whose bytes these are: what a fuzzer would need ages to guess.
fn base64(bytes: &[u8], tail: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bytes = [bytes, tail].concat();
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let word = three.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        let word = word << (8 * (3 - three.len()));
        for place in 0..=three.len() {
            let letter = word >> (18 - 6 * place) & 63;
            text.push(char::from(LETTERS[letter as usize]));
        }
    }
    text
}

fn check_file_id(text: &str) {
    match FileRef::decode(text) {
        Ok(found) => {
            let again = FileRef::decode(&found.encode());
            assert_eq!(again.as_ref(), Ok(&found), "{text}");
            assert_eq!(again.map(|again| again.unique_id()), Ok(found.unique_id()));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn check_inline(text: &str) {
    if let Some(found) = InlineMessageId::decode(text) {
        assert_eq!(InlineMessageId::decode(&found.encode()), Some(found), "{text}");
    }
}

fn check_token(text: &str) {
    for is_test in [false, true] {
        match Token::parse(text, is_test) {
            Ok(token) => {
                assert_eq!(token.secret_text(), text);
                assert!(
                    text.starts_with(&format!("{}:", token.id())),
                    "{text} is no {}",
                    token.id()
                );
                assert_eq!(token.is_test(), is_test);
                // Shorter ones may stand in what is printed by chance.
                let secret = text.split_once(':').map_or("", |(_, secret)| secret);
                // The bot's id is printed, and a secret may be the same.
                let printed = format!("{token:?}").replacen(&token.id().to_string(), "", 1);
                let is_hidden = secret.len() < 16 || !printed.contains(secret);
                assert!(is_hidden, "a secret is printed");
            }
            Err(error) => assert!(matches!(error.code, 401 | 421), "{error}"),
        }
    }
}

fn check_proxy(text: &str) {
    if let Ok(key) = text.parse::<ProxyKey>() {
        assert_eq!(key.to_link_text().parse(), Ok(key));
    }
}

fn check_session(bytes: &[u8], text: &str) {
    if let Ok(session) = text.parse::<SessionString>() {
        assert_eq!(session.to_string().parse::<SessionString>().ok(), Some(session));
    }
    if let Ok(changes) = Change::decode_all(bytes) {
        let mut written = Vec::new();
        changes.iter().for_each(|change| change.encode(&mut written));
        assert_eq!(Change::decode_all(&written).ok(), Some(changes));
    }
}

fn check_names(bytes: &[u8], text: &str) {
    match ChatRef::parse(text) {
        ChatRef::Id(id) => assert_eq!(ChatRef::parse(&id.to_string()), ChatRef::Id(id)),
        ChatRef::Empty => assert!(text.trim().is_empty()),
        ChatRef::Username(_) | ChatRef::Unknown(_) => {}
    }
    let _ = heliogram_client::ChatRef::from(text);
    let mut numbers = Unstructured::new(bytes);
    if let Ok(raw) = numbers.arbitrary::<i64>() {
        if let Some(peer) = Peer::from_marked(raw) {
            assert_eq!(peer.marked(), raw);
        }
        if let Some(user) = UserId::new(raw) {
            assert_eq!(Peer::from_marked(Peer::User(user).marked()), Some(Peer::User(user)));
        }
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let seed = |kind: u8, bytes: &[u8]| [&[kind][..], bytes].concat();
    let mut login = Vec::new();
    Change::Login(None).encode(&mut login);
    vec![
        seed(0, b"AgACAgIAAxkBAAIBZ2QAAQABAAEAAQABAAEAAQAB"),
        seed(
            1,
            &[
                2, 0, 0, 0, 2, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9, 9, 9, 9, 9, 1, 0, 0, 0,
                2, 0, 0, 0, b'x', 0, 0, 0,
            ],
        ),
        seed(
            1,
            &[5, 0, 0, 2, 2, 0, 0, 0, 3, 1, 2, 3, 5, 6, 7, 8, 9, 9, 9, 9, 9, 9, 9, 9, 1, 1, 1, 1],
        ),
        seed(3, &[2, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9, 9, 9, 9, 9]),
        seed(3, &[7; 24]),
        seed(4, b"42:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        seed(5, b"eeb0cbcef5a486d9636f27fffff8ef79a9612e6578616d706c65"),
        seed(5, b"3bDLzvWkhtljbyf___jveak"),
        seed(6, &login),
        seed(7, b"-1001234567890"),
        seed(7, b"@name"),
    ]
}
