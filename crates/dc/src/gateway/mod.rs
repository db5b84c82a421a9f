//! Links and sessions: from an opened message to a handler, and back.

/// Functions that wrap another query and are peeled off here.
pub(crate) const WRAPPERS: &[&str] = &[];
