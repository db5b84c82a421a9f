//! The alphabet of a world: everything that may be done in one.
//!
//! Numbers are remainders: a seat that is not there is another one, and message 7 of a chat with
//! three is one of these. So any part of a list of steps is a list of steps, and can be tried alone.

use crate::sim::disk::{Mishap, Outage};

/// One thing that somebody does, or that happens to somebody.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Step {
    /// How long after the step before.
    pub pause_ms: u64,
    /// What.
    pub action: Action,
}

/// The other side of a chat: a person, the bot, or oneself, as the number has it.
pub type Whom = usize;

/// What may be done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Action {
    /// Writes a text.
    Say { seat: usize, to: Whom, words: usize },
    /// Writes several texts at once, without waiting for any.
    Burst { seat: usize, to: Whom, count: usize },
    /// Sends an earlier text again under its old `random_id`.
    Repeat { seat: usize, which: usize },
    /// Answers a message.
    Reply { seat: usize, to: Whom, which: usize },
    /// Changes a text.
    Edit { seat: usize, to: Whom, which: usize },
    /// Deletes some messages.
    Delete { seat: usize, to: Whom, which: usize, count: usize, for_all: bool },
    /// Clears a chat.
    Clear { seat: usize, to: Whom, just_clear: bool, for_all: bool },
    /// Reads a chat up to a message.
    Read { seat: usize, to: Whom, which: usize },
    /// Forwards a message.
    Forward { seat: usize, from: Whom, to: Whom, which: usize },
    /// Pins a message, or takes it down.
    Pin { seat: usize, to: Whom, which: usize, pinned: bool, for_both: bool },
    /// Shows that something is being written.
    Typing { seat: usize, to: Whom },
    /// Takes another name.
    Rename { seat: usize },
    /// Presses a button of the bot.
    Press { seat: usize, which: usize },
    /// Uploads a file and sends it.
    SendFile { seat: usize, to: Whom, bytes: usize },
    /// Looks at a chat.
    History { seat: usize, to: Whom },
    /// Asks for everything since the beginning.
    Difference { seat: usize },
    /// Saves a draft.
    Draft { seat: usize, to: Whom },
    /// Pins a dialog, or takes it down.
    PinDialog { seat: usize, to: Whom, pinned: bool },
    /// Marks a dialog as unread, or takes the mark away.
    MarkUnread { seat: usize, to: Whom, unread: bool },
    /// Logs in on another device; with a key of its own, made now, or one that was made before.
    LogIn { person: usize, fresh_key: bool },
    /// Logs out.
    LogOut { seat: usize },
    /// The client is killed and started again.
    Restart { seat: usize },
    /// The connections of a session break.
    Disconnect { seat: usize },
    /// A session does not read for a while.
    SlowDown { seat: usize, pause_ms: u64 },
    /// The bot's connection breaks.
    DisconnectBot,
    /// The server dies and comes back; perhaps with a flipped bit, which it must not accept.
    Crash { outage: Outage, down_ms: u64, flipped: bool },
    /// Something goes wrong with the next commit, and an operator sees to it after a while.
    Mishap { mishap: Mishap, down_ms: u64 },
    /// There is no room for files for a while.
    FullDisk { for_ms: u64 },
}
