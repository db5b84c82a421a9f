//! Both kinds of link against each other, and against clients that are none of ours.

mod deferred;
mod pair;
mod streams;
mod web;
