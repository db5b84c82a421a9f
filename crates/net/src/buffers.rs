//! Buffers belong to threads, not to connections: an idle connection holds none.

use std::cell::{Cell, RefCell};

thread_local! {
    static READ: Cell<Option<Box<[u8]>>> = const { Cell::new(None) };
    static WRITE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Spare output buffers a thread keeps.
const SPARE_MAX: usize = 8;
/// A buffer that has grown beyond this goes back to the allocator.
const SPARE_BYTES_MAX: usize = 1 << 20;

/// Lends the thread's read buffer of at least `bytes` for the duration of `read`.
pub(crate) fn with_read_buffer<R>(bytes: usize, read: impl FnOnce(&mut [u8]) -> R) -> R {
    let kept = READ.take().filter(|buffer| buffer.len() >= bytes);
    let mut buffer = kept.unwrap_or_else(|| vec![0; bytes].into_boxed_slice());
    let result = read(&mut buffer);
    READ.set(Some(buffer));
    result
}

/// An empty output buffer, with capacity if the thread has one to spare.
pub(crate) fn take_write_buffer() -> Vec<u8> {
    WRITE.with_borrow_mut(Vec::pop).unwrap_or_default()
}

/// Gives an output buffer back once everything in it is written.
pub(crate) fn return_write_buffer(mut buffer: Vec<u8>) {
    if buffer.capacity() == 0 || buffer.capacity() > SPARE_BYTES_MAX {
        return;
    }
    buffer.clear();
    WRITE.with_borrow_mut(|spare| {
        if spare.len() < SPARE_MAX {
            spare.push(buffer);
        }
    });
}
