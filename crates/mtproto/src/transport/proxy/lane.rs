//! The disguise of a connection that was let in, put on and taken off.

use super::super::Obfuscation;
use super::super::fake_tls::{RECORD_HEAD_BYTES, Records};
use crate::Fault;

/// The two directions of a connection that was let in.
#[derive(Debug)]
pub struct ProxyLane {
    /// Boxed: two key schedules weigh more than everything else.
    pub(super) obfuscation: Box<Obfuscation>,
    pub(super) records: Option<Records>,
}

impl ProxyLane {
    /// Takes the disguise off received bytes, in place; gives how many are left at the front.
    ///
    /// # Errors
    /// The records of a fake TLS session are out of form.
    pub fn reveal(&mut self, bytes: &mut [u8]) -> Result<usize, Fault> {
        let len = match &mut self.records {
            Some(records) => records.open(bytes)?,
            None => bytes.len(),
        };
        self.obfuscation.reveal(bytes.split_at_mut(len).0);
        Ok(len)
    }

    /// Appends bytes from the front of `bytes` in their disguise; gives how many.
    pub fn disguise(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> usize {
        let start = out.len();
        let (sealed, head_len) = match &self.records {
            Some(_) => (Records::seal(bytes, out), RECORD_HEAD_BYTES),
            None => {
                out.extend_from_slice(bytes);
                (bytes.len(), 0)
            }
        };
        self.obfuscation.disguise(out.get_mut(start + head_len..).unwrap_or_default());
        sealed
    }
}
