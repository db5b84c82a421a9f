//! What memory comes from. A server that was busy has to give back what it does not need any more;
//! jemalloc's own threads do that while nobody allocates, ten seconds after the last use.

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// What the allocator has, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heap {
    /// Handed out.
    pub(crate) allocated: usize,
    /// Pages that hold something that was handed out.
    pub(crate) active: usize,
    /// Everything that is present: active pages, free ones not given back yet, and its own records.
    pub(crate) resident: usize,
}

/// No huge pages from here on, whatever the system does for others: one that holds something small
/// cannot be given back, and twice the memory stays after a burst.
pub(crate) fn without_huge_pages() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::thread::disable_transparent_huge_pages(true) {
        tracing::debug!(%error, "huge pages stay as the system has them");
    }
}

/// What it has now; nothing if it does not say.
pub(crate) fn heap() -> Option<Heap> {
    use tikv_jemalloc_ctl::{epoch, stats};
    // Its figures are those of the last time that they were brought up to date.
    epoch::advance().ok()?;
    Some(Heap {
        allocated: stats::allocated::read().ok()?,
        active: stats::active::read().ok()?,
        resident: stats::resident::read().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_handed_out_is_counted_and_what_comes_back_is_not() {
        let bytes = 64 << 20;
        let before = heap().expect("it says");
        let block = std::hint::black_box(vec![1_u8; bytes]);
        let with = heap().expect("it says");
        assert!(with.allocated >= before.allocated + bytes / 2, "{before:?}, then {with:?}");
        assert!(with.active >= with.allocated && with.resident >= with.active, "{with:?}");
        drop(block);
        let after = heap().expect("it says");
        assert!(after.allocated + bytes / 2 <= with.allocated, "{with:?}, then {after:?}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn huge_pages_are_off_when_it_was_said() {
        without_huge_pages();
        assert!(rustix::thread::transparent_huge_pages_are_disabled().expect("the system says"));
    }
}
