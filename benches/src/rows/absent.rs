//! The targets that nothing here measures, each with its reason.

use crate::row::Row;

/// Every one of them.
pub(super) fn rows() -> Vec<Row> {
    ABSENT.iter().map(|(target, what, why)| Row::missing(target, what, why)).collect()
}

const ABSENT: &[(&str, &str, &str)] = &[
    ("P2", "IGE against TgCrypto and TDLib's pattern", "C peers: need their sources and OpenSSL"),
    ("P5", "16 messages against TDLib's pattern", "needs OpenSSL"),
    ("P6", "256-byte message against TDLib's pattern", "needs OpenSSL"),
    ("P7", "IGE of many streams against TgCrypto", "C peer: needs its source"),
    ("P11", "durable messages.sendMessage, end to end", "needs logged-in clients in the bench"),
    ("P12", "the store against PostgreSQL", "needs a PostgreSQL server"),
    ("P14", "history from a hot box", "there are no hot boxes; the row above reads the engine"),
    ("P15", "file download, one connection", "needs logged-in clients in the bench"),
    ("P18", "Bot API getMe", "needs an axum ceiling and a bot in the bench"),
    ("P19", "Bot API against the official server", "the official server must be built"),
    ("P20", "download against Python clients", "needs Telethon and Pyrogram beside a server"),
];
