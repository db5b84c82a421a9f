//! Conversations of a few people over the whole of `messages.*`.

mod buttons;
mod deleting;
mod dialogs;
mod editing;
mod forwarding;
mod media;
mod pinning;
mod random;
mod reading;
mod saved;
mod searching;
mod smaller;
mod steps;
