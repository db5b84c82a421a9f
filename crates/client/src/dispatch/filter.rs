//! Which updates a handler wants: predicates that combine with `&`, `|` and `!`.
//!
//! A combination is a type, not a boxed tree, so a chain of filters costs what an `if` costs.

use std::ops::{BitAnd, BitOr, Not as LogicalNot};

use heliogram_ids::Peer;

use super::context::Event;

/// Decides about an event.
pub trait Predicate: Send + Sync + 'static {
    /// Whether a handler behind this predicate wants `event`.
    fn test(&self, event: &Event) -> bool;
}

impl<F: Fn(&Event) -> bool + Send + Sync + 'static> Predicate for F {
    fn test(&self, event: &Event) -> bool {
        self(event)
    }
}

/// A predicate that combines with others.
#[derive(Clone, Copy, Debug)]
pub struct Filter<P>(P);

/// Both.
#[derive(Clone, Copy, Debug)]
pub struct And<A, B>(A, B);

/// At least one.
#[derive(Clone, Copy, Debug)]
pub struct Or<A, B>(A, B);

/// The opposite.
#[derive(Clone, Copy, Debug)]
pub struct Not<A>(A);

impl<P: Predicate> Predicate for Filter<P> {
    fn test(&self, event: &Event) -> bool {
        self.0.test(event)
    }
}

impl<A: Predicate, B: Predicate> Predicate for And<A, B> {
    fn test(&self, event: &Event) -> bool {
        self.0.test(event) && self.1.test(event)
    }
}

impl<A: Predicate, B: Predicate> Predicate for Or<A, B> {
    fn test(&self, event: &Event) -> bool {
        self.0.test(event) || self.1.test(event)
    }
}

impl<A: Predicate> Predicate for Not<A> {
    fn test(&self, event: &Event) -> bool {
        !self.0.test(event)
    }
}

impl<A, B> BitAnd<Filter<B>> for Filter<A> {
    type Output = Filter<And<A, B>>;

    fn bitand(self, other: Filter<B>) -> Self::Output {
        Filter(And(self.0, other.0))
    }
}

impl<A, B> BitOr<Filter<B>> for Filter<A> {
    type Output = Filter<Or<A, B>>;

    fn bitor(self, other: Filter<B>) -> Self::Output {
        Filter(Or(self.0, other.0))
    }
}

impl<A> LogicalNot for Filter<A> {
    type Output = Filter<Not<A>>;

    fn not(self) -> Self::Output {
        Filter(Not(self.0))
    }
}

/// A filter of one's own.
pub const fn matching<P: Fn(&Event) -> bool + Send + Sync + 'static>(test: P) -> Filter<P> {
    Filter(test)
}

/// Everything.
pub fn any() -> Filter<impl Predicate> {
    matching(|_| true)
}

/// New messages that somebody else wrote.
pub fn incoming() -> Filter<impl Predicate> {
    matching(|event| matches!(event, Event::NewMessage(message) if !message.is_outgoing()))
}

/// Messages with a text or a caption.
pub fn text() -> Filter<impl Predicate> {
    matching(|event| event.message().is_some_and(|message| !message.text().is_empty()))
}

/// Messages with a file, a place, a poll or the like.
pub fn media() -> Filter<impl Predicate> {
    matching(|event| event.message().is_some_and(|message| message.raw().media.is_some()))
}

/// Messages of private chats.
pub fn private() -> Filter<impl Predicate> {
    matching(|event| chat(event).is_some_and(|chat| matches!(chat, Peer::User(_))))
}

/// Messages of groups and channels.
pub fn group() -> Filter<impl Predicate> {
    matching(|event| chat(event).is_some_and(|chat| !matches!(chat, Peer::User(_))))
}

/// New messages of others that begin with `/name`, whoever's command it is named to be.
pub fn command(name: &'static str) -> Filter<impl Predicate> {
    matching(move |event| match event {
        Event::NewMessage(message) if !message.is_outgoing() => names(message.text(), name),
        _ => false,
    })
}

/// Presses of buttons whose data begins with `prefix`.
pub fn callback(prefix: &'static [u8]) -> Filter<impl Predicate> {
    matching(move |event| match event {
        Event::CallbackQuery(query) => {
            query.data.as_ref().is_some_and(|data| data.starts_with(prefix))
        }
        _ => false,
    })
}

fn chat(event: &Event) -> Option<Peer> {
    event.message()?.chat()
}

fn names(text: &str, command: &str) -> bool {
    let Some(rest) = text.strip_prefix('/').and_then(|rest| rest.strip_prefix(command)) else {
        return false;
    };
    rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || c == '@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_ends_where_a_word_ends() {
        assert!(names("/start", "start"));
        assert!(names("/start now", "start"));
        assert!(names("/start@a_bot", "start"));
        assert!(!names("/starting", "start"));
        assert!(!names("start", "start"));
    }

    #[test]
    fn filters_combine_like_conditions() {
        let yes = || matching(|_: &Event| true);
        let no = || matching(|_: &Event| false);
        assert!((yes() & !no()).test(&Event::Lost));
        assert!((no() | yes()).test(&Event::Lost));
        assert!(!(yes() & no()).test(&Event::Lost));
    }
}
