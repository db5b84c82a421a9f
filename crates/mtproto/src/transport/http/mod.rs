//! HTTP: a message in the body of a request, a message in the body of its response.
//!
//! There is no framing and no disguise. A client may send several requests before it is answered;
//! they are answered in their order, each exactly once, and which message a response carries is
//! the gateway's to choose. `request.rs` judges heads, `response.rs` writes them, `server.rs` is
//! the machine between.
//!
//! Spec: mtproto/transports#http

mod request;
mod response;
mod server;

pub(crate) use server::{HttpEvent, HttpServer};
