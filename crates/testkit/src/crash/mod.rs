//! The crash: a `heliogram up` that is killed again and again under people who go on talking, and
//! the question each time what became of what it had acknowledged.
//!
//! [`run`] kills and restarts one server over one directory. [`Hand`]s are the sessions under it:
//! each remembers every acknowledgement it got. What they remember is compared with what the
//! server says after each start (`look`), and everything at the end.

mod deeds;
mod hand;
mod kills;
mod look;
mod oracle;
mod plan;
mod upload;

pub use kills::run;
pub use plan::{Plan, Report};

use hand::Hand;
