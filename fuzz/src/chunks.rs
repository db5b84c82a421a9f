//! Streams arrive in pieces of any length; what they mean must not depend on it.

/// Cuts `bytes` into pieces whose lengths follow from `pattern`; 0 leaves them whole.
pub(crate) fn chunks(bytes: &[u8], pattern: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    let mut state = u32::from(pattern);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let len = match pattern {
            0 => rest.len(),
            short @ 1..32 => usize::from(short),
            // Mostly short, now and then long.
            _ => 1 + (state >> 24) as usize % (1 << (1 + state % 7)),
        };
        let (piece, left) = rest.split_at(len.min(rest.len()));
        rest = left;
        Some(piece)
    })
}
