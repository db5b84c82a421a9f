//! All fuzz targets in one program, so that they are linked once.
//!
//! `cargo xtask fuzz` builds and runs it; the environment variable `HELIOGRAM_FUZZ_TARGET` says which
//! target the fuzzer drives. With `HELIOGRAM_FUZZ_SEEDS` it writes that target's seeds into a folder
//! instead, and with `HELIOGRAM_FUZZ_LIST` it names the targets.

#![no_main]

mod chunks;
mod heap;
mod seeds;
mod targets;

libfuzzer_sys::fuzz_target!(init: targets::choose(), |input: &[u8]| targets::check(input));
