//! How connections begin, for those who do not mean to go on: one beginning for each transport.

use std::net::SocketAddr;

use heliogram_mtproto::link::{ClientConfig, ClientLink, ClientTransport, Disguise, LinkLimits};
use heliogram_mtproto::transport::Framing;
use heliogram_net::OsRandom;

use crate::field::Field;

/// A port, and something that it takes for the beginning of something.
pub(super) struct Opening {
    pub(super) name: &'static str,
    pub(super) port: SocketAddr,
    pub(super) bytes: Vec<u8>,
}

/// One of each kind.
pub(super) fn all(field: &Field) -> Vec<Opening> {
    let mut all = Vec::new();
    let mut add = |name, port, beginning: &[u8]| {
        // What follows is never enough.
        let bytes = [beginning, &[0; 4096]].concat();
        all.push(Opening { name, port, bytes });
    };
    add("abridged", field.address, &[0xef, 0x7f, 0, 4, 0]);
    add("intermediate", field.address, &[0xee, 0xee, 0xee, 0xee, 0, 32, 0, 0]);
    add("padded", field.address, &[0xdd, 0xdd, 0xdd, 0xdd, 0, 32, 0, 0]);
    add("full", field.address, &[0, 32, 0, 0, 0, 0, 0, 0]);
    add("obfuscated", field.address, &obfuscated());
    add("http head", field.address, b"POST /api HTTP/1.1\r\nX-Long: ");
    add("http body", field.address, b"POST /api HTTP/1.1\r\nContent-Length: 16384\r\n\r\n");
    add("websocket", field.address, UPGRADE);
    add("tls hello", field.address, &[0x16, 3, 1, 0x20, 0, 1, 0, 0x1f, 0xfc, 3, 3]);
    add("mtproxy", field.proxy, &obfuscated());
    add("fake tls", field.proxy, &[0x16, 3, 1, 0x20, 0, 1, 0, 0x1f, 0xfc, 3, 3]);
    add("bot api head", field.bot_api, b"GET /bot1:a/getMe HTTP/1.1\r\nX-Long: ");
    add("bot api body", field.bot_api, BOT_BODY);
    all
}

fn obfuscated() -> Vec<u8> {
    let disguise = Disguise::new(Framing::Intermediate, 2, None);
    let transport = ClientTransport::Obfuscated(disguise.expect("it can be disguised"));
    let config = ClientConfig { transport, limits: LinkLimits::DEFAULT };
    let mut bytes = Vec::new();
    ClientLink::new(&config, &mut OsRandom).poll_transmit(&mut bytes);
    bytes
}

const UPGRADE: &[u8] = b"GET /apiws HTTP/1.1\r\nHost: siege\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: binary\r\n\r\n";
const BOT_BODY: &[u8] = b"POST /bot1:a/getMe HTTP/1.1\r\nHost: siege\r\n\
    Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n";
