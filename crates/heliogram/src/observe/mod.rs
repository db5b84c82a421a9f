//! For those who watch over a running cloud: `/metrics` as Prometheus reads it, and `/healthz`.
//!
//! Both are on an address of their own, which is off unless it is given: nobody but operators
//! should reach it, since it tells how busy a cloud is. What is shown names no account, no bot and
//! no peer; see `docs/observability.md`.

mod heap;
mod http;
mod process;

pub(crate) use http::{Observatory, start};
