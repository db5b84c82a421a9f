//! What a link has to write: one buffer, in which messages are assembled and encrypted.

/// Bytes that wait for the driver.
#[derive(Debug, Default)]
pub(super) struct Output(Vec<u8>);

impl Output {
    /// The buffer to append to.
    pub(super) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }

    /// Moves everything to the end of `out`; tells whether there was anything.
    ///
    /// Much is moved by exchanging the buffers, little is copied, so that the driver's own buffer
    /// serves many idle links and none of them keeps one.
    pub(super) fn drain_into(&mut self, out: &mut Vec<u8>) -> bool {
        if self.0.is_empty() {
            return false;
        }
        if out.is_empty() && self.0.len() > out.capacity() {
            *out = std::mem::take(&mut self.0);
        } else {
            out.append(&mut self.0);
            if self.0.capacity() > KEPT_BYTES_MAX {
                self.0 = Vec::new();
            }
        }
        true
    }
}

/// Capacity that an idle link may keep.
const KEPT_BYTES_MAX: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: usize, mut out: Vec<u8>) {
        let before = out.len();
        let mut output = Output::default();
        output.buffer().resize(written, 7);
        assert_eq!(output.drain_into(&mut out), written > 0);
        assert_eq!(out.len(), before + written);
        assert!(output.0.is_empty() && output.0.capacity() <= KEPT_BYTES_MAX);
        assert!(!output.drain_into(&mut out));
    }

    #[test]
    fn everything_moves_once_and_little_is_kept() {
        check(0, Vec::new());
        check(100, Vec::new());
        check(100, Vec::with_capacity(1000));
        check(100_000, Vec::with_capacity(1000));
        check(100_000, vec![1, 2, 3]);
    }
}
