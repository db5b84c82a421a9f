//! Leaving: a log-out ends one session and no other.

use super::story::Story;
use super::verdict::require;
use crate::interop::actor::Told;

/// Alice logs out; her session is nobody's afterwards, and Bob's goes on.
pub(super) fn log_out(story: &mut Story) -> Told<()> {
    story.one.actor.log_out()?;
    // Some libraries hang up with the log-out and have nothing left to stop.
    let _ = story.one.actor.leave();
    story.theatre.reenter(&mut story.one)?;
    let told = story.one.actor.resume();
    require(told.is_err(), || format!("the session goes on after its log-out: {told:?}"))?;
    let partner = story.one.who();
    story.other.actor.history(&partner, 1).map(drop)
}
