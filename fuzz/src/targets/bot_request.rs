//! A request of the Bot API, from its path to its arguments.
//!
//! The first byte chooses what the body claims to be, the second how it is cut, a zero ends the path and
//! query, and the rest is the body. However the body is cut, the arguments are the same; a refusal is one
//! of the few that bots know; no path leads out of a bot's folder; what is read stays within bounds, and
//! within memory.

use std::path::{Component, Path};
use std::sync::LazyLock;

use bytes::Bytes;
use heliogram_botapi::fuzzing::{Asked, Head, file, read_args, route};
use heliogram_botapi::{Args, ChatRef, Limits, Multipart, Piece};
use tempfile::TempDir;

use crate::chunks::chunks;
use crate::heap;

static SPOOL: LazyLock<TempDir> =
    LazyLock::new(|| tempfile::tempdir().expect("a folder for uploads"));

pub(super) fn check(input: &[u8]) {
    let Some((&[kind, pattern], rest)) = input.split_first_chunk() else { return };
    let end = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
    let (line, body) = rest.split_at(end);
    let body = body.get(1..).unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let (path, query) = line.split_once('?').unwrap_or((&line, ""));
    check_path(path);
    check_body(kind, pattern, query, body);
    check_form(pattern, body);
}

fn check_path(path: &str) {
    let (token, rest) = match route(path) {
        Ok(Asked::Method(token, method)) => (token, method),
        Ok(Asked::File(token, path)) => (token, path),
        Err((code, text)) => {
            assert!(matches!(code, 401 | 404 | 421) && !text.is_empty(), "{code} {text}");
            return;
        }
    };
    let text = token.secret_text();
    let digits = text.split(':').next().unwrap_or_default();
    assert_eq!(token.id().to_string(), digits, "one bot under two tokens");
    assert!(!text.contains('/') && text != "." && text != "..", "{text:?} is a folder elsewhere");
    let folder = Path::new("/srv/bots").join(text);
    if let Some(found) = file(&folder, &rest) {
        let below = found.strip_prefix(&folder).expect("below the bot's folder");
        assert!(below.components().all(|part| matches!(part, Component::Normal(_))), "{below:?}");
    }
}

fn head<'a>(kind: u8, query: &'a str) -> Head<'a> {
    let content_type: &[u8] = match kind & 7 {
        0 => b"application/x-www-form-urlencoded",
        1 => b"application/json; charset=utf-8",
        2 | 3 => b"multipart/form-data; boundary=B",
        4 => b"multipart/form-data; boundary=\"B%42\"; charset=x",
        5 => b"text/plain",
        6 => b"",
        _ => b"Application/JSON",
    };
    let encoding: &[u8] = match kind >> 3 & 7 {
        1 => b"gzip",
        2 => b"deflate",
        3 => b"identity",
        _ => b"",
    };
    Head { query, content_type, encoding }
}

fn read(kind: u8, query: &str, body: &[u8], pattern: u8) -> Result<Args, u16> {
    let pieces = chunks(body, pattern).map(Bytes::copy_from_slice).collect();
    read_args(head(kind, query), pieces, SPOOL.path(), &LIMITS)
}

fn check_body(kind: u8, pattern: u8, query: &str, body: &[u8]) {
    let (whole, peak) = heap::peak(|| read(kind, query, body, 0));
    assert!(peak <= BYTES_MAX, "{} bytes cost {peak}", body.len());
    let cut = read(kind, query, body, pattern);
    match (&whole, &cut) {
        (Ok(whole), Ok(cut)) => assert_eq!(told(whole), told(cut), "cut otherwise"),
        (Err(whole), Err(cut)) => {
            // Which of two reasons to refuse is met first depends on the pieces.
            assert!([*whole, *cut].iter().all(|status| matches!(status, 400 | 413 | 415)));
        }
        (whole, cut) => panic!("cut otherwise: {:?}, {:?}", whole.is_ok(), cut.is_ok()),
    }
}

/// Everything that a method could ask of arguments of these names.
fn told(args: &Args) -> Vec<(String, i64, bool, Option<String>, ChatRef)> {
    let about = |name: &&str| {
        let text = args.optional_string(name).unwrap_or_else(|error| Some(error.description));
        let (number, truth) = (args.integer(name), args.boolean(name));
        ((*name).to_owned(), number, truth, text, args.chat(name))
    };
    NAMES.iter().map(about).collect()
}

/// The reader of forms alone, whose pieces depend on the cut and whose parts must not.
fn check_form(pattern: u8, body: &[u8]) {
    let parts = |pattern| {
        let mut form = Multipart::new("multipart/form-data; boundary=B").expect("a boundary");
        let mut parts = Vec::new();
        for piece in chunks(body, pattern) {
            for piece in form.push(piece).map_err(|_| ())? {
                match (piece, parts.last_mut()) {
                    (Piece::Part(headers), _) => parts.push((headers, Vec::new(), false)),
                    (Piece::Content(bytes), Some((_, content, false))) => content.extend(bytes),
                    (Piece::End, Some((_, _, is_over @ false))) => *is_over = true,
                    (piece, _) => panic!("{piece:?} outside a part"),
                }
            }
        }
        Ok::<_, ()>((parts, form.is_complete()))
    };
    let (whole, cut) = (parts(0), parts(pattern));
    match (&whole, &cut) {
        // An unfinished part may have shown more or less of its content.
        (Ok((whole, _)), Ok((cut, _))) => {
            let over = |parts: &[(heliogram_botapi::Headers, Vec<u8>, bool)]| {
                parts.iter().filter(|part| part.2).cloned().collect::<Vec<_>>()
            };
            assert_eq!(over(whole), over(cut), "cut otherwise");
        }
        _ => assert_eq!(whole.is_err(), cut.is_err(), "cut otherwise"),
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let token = "42:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let form = "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\n\r\n\
                content\r\n--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\
                Content-Type: text/plain\r\n\r\nhello\r\n--B--\r\n";
    let seed = |kind: u8, line: &str, body: &str| {
        [&[kind, 7][..], line.as_bytes(), b"\0", body.as_bytes()].concat()
    };
    vec![
        seed(0, &format!("/bot{token}/getMe?a=1&text=x+y%21"), "chat_id=%40name&text=b&n=-12x"),
        seed(
            1,
            &format!("/bot{token}/test/sendMessage"),
            r#"{"chat_id":42,"text":"\u0041","n":{"x":[1]}}"#,
        ),
        seed(2, &format!("/file/bot{token}/photos/file_1.jpg"), form),
        seed(4, "/bot42%3Ashort/", form),
        seed(6, "/file/bot1:a/photos/../x", ""),
    ]
}

const NAMES: [&str; 6] = ["a", "chat_id", "f", "n", "text", ""];
const BYTES_MAX: usize = 3 << 20;

/// Small enough that all of them are met.
const LIMITS: Limits = Limits {
    headers_bytes_max: 4 << 10,
    params_bytes_max: 2 << 10,
    text_body_bytes_max: 64 << 10,
    body_bytes_max: 256 << 10,
    file_bytes_max: 512,
    files_max: 2,
    ..Limits::DEFAULT
};
