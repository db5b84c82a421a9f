//! TL text to syntax tree to Rust text; build time only.
