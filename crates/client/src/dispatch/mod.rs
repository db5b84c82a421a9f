//! Handlers: which update goes to which function, and with what.
//!
//! A [`Router`] is a list of routes, each a [`Filter`] and a handler. A handler is a plain
//! `async fn` whose arguments are extracted from the [`Context`]; what it may ask for is checked
//! when it is registered, by the compiler. Routers of other modules are merged in.

mod context;
mod extract;
mod filter;
mod handler;
mod message;
mod router;
mod serve;

pub use context::{Context, Event};
pub use extract::{FromContext, FromRef, State};
pub use filter::{
    And, Filter, Not, Or, Predicate, any, callback, command, group, incoming, matching, media,
    private, text,
};
pub use handler::{Handler, HandlerError, Outcome};
pub use message::Message;
pub use router::Router;
