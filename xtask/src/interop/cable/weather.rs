//! What may happen to bytes under way. Fair weather carries them as they are; whoever wants worse
//! writes a [`Weather`] of their own.

use std::io::{self, Write};

/// Which end of a link sends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::interop) enum Way {
    /// From the client to the cloud.
    Up,
    /// From the cloud to the client.
    Down,
}

/// Decides the fate of everything that a cable carries.
pub(in crate::interop) trait Weather: Send + Sync {
    /// The conditions for one direction of one link. Links are counted from 0 as they are opened.
    fn passage(&self, link: u64, way: Way) -> Box<dyn Passage>;
}

/// One direction of one link. It has a thread of its own and so may sleep.
pub(in crate::interop) trait Passage: Send {
    /// Brings a chunk to the far end: as it is, changed, in pieces, twice, later or not at all.
    ///
    /// # Errors
    /// Any error hangs the link up, both ways.
    fn carry(&mut self, chunk: &[u8], far: &mut dyn Write) -> io::Result<()>;
}

/// Nothing happens.
#[derive(Clone, Copy, Debug)]
pub(in crate::interop) struct Fair;

impl Weather for Fair {
    fn passage(&self, _link: u64, _way: Way) -> Box<dyn Passage> {
        Box::new(Self)
    }
}

impl Passage for Fair {
    fn carry(&mut self, chunk: &[u8], far: &mut dyn Write) -> io::Result<()> {
        far.write_all(chunk)
    }
}
