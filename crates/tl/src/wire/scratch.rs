//! Where a value is written before its length is known.
//!
//! A buffer that grows while it is written to copies its content several times and ends up with room
//! that nobody needs. Each thread writes into the same one, again and again, and copies once.

use std::cell::Cell;

thread_local! {
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// What `write` appends to an empty buffer. It may itself end up here.
pub(super) fn with(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut scratch = SCRATCH.take();
    write(&mut scratch);
    if scratch.len() > KEPT_BYTES_MAX {
        return scratch;
    }
    let written = scratch.as_slice().to_vec();
    scratch.clear();
    SCRATCH.set(scratch);
    written
}

/// Longer values take the buffer with them: nothing is saved by copying a file.
const KEPT_BYTES_MAX: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_given_out_once_and_fits() {
        for len in [0, 1, 100, KEPT_BYTES_MAX, KEPT_BYTES_MAX + 1, 7] {
            let written = with(|out| out.resize(len, 7));
            assert_eq!(written, vec![7; len]);
            assert!(written.capacity() < 2 * len.max(1), "{len}: {}", written.capacity());
        }
    }

    #[test]
    fn a_value_may_be_written_while_another_is() {
        let outer = with(|out| {
            out.push(1);
            let inner = with(|out| out.push(2));
            out.extend_from_slice(&inner);
            out.push(3);
        });
        assert_eq!(outer, [1, 2, 3]);
    }
}
