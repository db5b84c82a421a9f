//! Sessions: numbered, acknowledged and repeatable messages between a client and a server.
//!
//! A session belongs to one authorization key and outlives the links that carry it.
//! [`ServerSession`] and [`ClientSession`] are the two ends; a [`SaltSchedule`] is the server's
//! side of the salts of one key. What both ends share lies beside them, one file per duty.
//!
//! Spec: core.telegram.org/mtproto/service_messages.

mod acks;
mod answer;
mod client;
mod msg_id;
mod received;
mod salts;
mod seq_no;
mod server;
mod service;

pub use answer::{Answer, Packing};
pub use client::{
    ClientEvent, ClientLimits, ClientSession, Failure, Full, Priority, RequestId, RequestOptions,
};
pub use msg_id::sent_at;
pub use salts::SaltSchedule;
pub use server::{
    Hold, HttpWait, KeyDestruction, Offline, Outlook, ServerLimits, ServerSession, SessionEvent,
    Verdict,
};
