//! Updates: every one once, in order, whatever the network and the process do.
//!
//! The [gap engine](GapEngine) is sans-IO: it takes what the server pushes and answers, and says
//! what to deliver, what to fetch and until when to wait. The [stream](UpdateStream) feeds it
//! from a connection and writes the position down once a handler has taken an update.

mod entities;
mod gap;
mod place;
mod progress;
mod sequence;
mod short;
mod stream;
mod tap;

pub use entities::Entities;
pub use gap::{GapEngine, GapEvent};
pub use place::Mark;
pub use stream::{Incoming, UpdateStream};

pub(crate) use tap::Tap;
