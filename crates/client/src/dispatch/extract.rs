//! What a handler may ask for.

use std::sync::Arc;

use heliogram_tl as tl;

use super::context::{Context, Event};
use super::message::Message;
use crate::Client;

/// A value that a handler can have as an argument; none means that the handler does not want
/// this event after all.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the argument of a handler with state `{S}`",
    note = "arguments are `Client`, `Event`, `Message`, queries, and `State<T>` where `T: FromRef<{S}>`"
)]
pub trait FromContext<S>: Sized {
    /// Takes the value out of the context.
    fn from_context(context: &Context<S>) -> Option<Self>;
}

/// A part of the application's state that can be had from the whole.
#[diagnostic::on_unimplemented(
    message = "the application's state `{S}` has no `{Self}`",
    note = "implement `FromRef<{S}>` for it"
)]
pub trait FromRef<S> {
    /// Copies the part, which should be cheap: an `Arc`, a handle, a number.
    fn from_ref(state: &S) -> Self;
}

impl<S: Clone> FromRef<S> for S {
    fn from_ref(state: &S) -> Self {
        state.clone()
    }
}

/// A part of the application's state.
#[derive(Clone, Copy, Debug)]
pub struct State<T>(pub T);

impl<S, T: FromRef<S>> FromContext<S> for State<T> {
    fn from_context(context: &Context<S>) -> Option<Self> {
        Some(Self(T::from_ref(&context.state)))
    }
}

impl<S> FromContext<S> for Client {
    fn from_context(context: &Context<S>) -> Option<Self> {
        Some(context.client.clone())
    }
}

impl<S> FromContext<S> for Event {
    fn from_context(context: &Context<S>) -> Option<Self> {
        Some(context.event.clone())
    }
}

impl<S> FromContext<S> for Message {
    fn from_context(context: &Context<S>) -> Option<Self> {
        context.event.message().cloned()
    }
}

impl<S> FromContext<S> for Box<tl::types::UpdateBotCallbackQuery> {
    fn from_context(context: &Context<S>) -> Option<Self> {
        match &context.event {
            Event::CallbackQuery(query) => Some(query.clone()),
            _ => None,
        }
    }
}

impl<S> FromContext<S> for Box<tl::types::UpdateBotInlineQuery> {
    fn from_context(context: &Context<S>) -> Option<Self> {
        match &context.event {
            Event::InlineQuery(query) => Some(query.clone()),
            _ => None,
        }
    }
}

impl<S> FromContext<S> for Arc<S> {
    fn from_context(context: &Context<S>) -> Option<Self> {
        Some(Self::clone(&context.state))
    }
}
