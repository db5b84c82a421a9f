//! WebSocket: the obfuscated stream in the frames that browsers know.
//!
//! Towards us, the bounds of frames and messages mean nothing: a preamble, half a message or
//! several of them may share one. From us, every MTProto frame is one message.
//!
//! Spec: mtproto/transports#websocket, RFC 6455

mod decode;
mod encode;

pub(crate) use decode::{Piece, Violation, WebSocket};
pub(crate) use encode::{accept, enclose, write_close, write_pong};
