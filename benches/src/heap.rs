//! The binary's allocator, with a count of what is alive while somebody counts.

use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::{AtomicBool, AtomicIsize, Ordering::Relaxed};

use tikv_jemallocator::Jemalloc;

/// jemalloc, which is also what `heliogram` runs on.
struct Counted;

#[global_allocator]
static ALLOCATOR: Counted = Counted;
static COUNTING: AtomicBool = AtomicBool::new(false);
static LIVE: AtomicIsize = AtomicIsize::new(0);

/// Bytes that `work` allocated, on whatever thread, and that were not freed again.
pub(crate) fn growth<R>(work: impl FnOnce() -> R) -> (R, isize) {
    LIVE.store(0, Relaxed);
    COUNTING.store(true, Relaxed);
    let result = work();
    COUNTING.store(false, Relaxed);
    (result, LIVE.load(Relaxed))
}

/// A load and a branch that is always taken: contestants that are timed pay no more than that.
fn count(bytes: usize, sign: isize) {
    if COUNTING.load(Relaxed) {
        LIVE.fetch_add(sign * bytes.cast_signed(), Relaxed);
    }
}

#[allow(unsafe_code)] // Allocators are unsafe by trade; this one only counts.
// SAFETY: every call goes to jemalloc as it came.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 1);
        // SAFETY: the caller's promise about `layout` is passed on.
        unsafe { Jemalloc.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 1);
        // SAFETY: as above.
        unsafe { Jemalloc.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(layout.size(), -1);
        // SAFETY: `pointer` came from jemalloc with this layout, since all do.
        unsafe { Jemalloc.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(layout.size(), -1);
        count(size, 1);
        // SAFETY: as above.
        unsafe { Jemalloc.realloc(pointer, layout, size) }
    }
}
