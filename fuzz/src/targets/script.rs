//! Inputs that are a row of steps rather than bytes of a protocol.

use std::env;
use std::fmt::Debug;

use arbitrary::{Arbitrary, Unstructured};
use heliogram_crypto::{Random as _, SeededRandom};

/// As many steps as there are, and no more than are worth the time. Whoever looks at one input gets to
/// see them.
pub(super) fn script<'a, S: Arbitrary<'a> + Debug>(input: &mut Unstructured<'a>) -> Vec<S> {
    let mut steps = Vec::new();
    while !input.is_empty() && steps.len() < STEPS_MAX {
        match S::arbitrary(input) {
            Ok(step) => steps.push(step),
            Err(_) => break,
        }
    }
    if env::var_os("HELIOGRAM_FUZZ_SHOW").is_some() {
        steps.iter().for_each(|step| eprintln!("{step:?}"));
    }
    steps
}

/// Inputs to begin with where any bytes are a script.
pub(super) fn noise(count: u64, bytes: usize) -> Vec<Vec<u8>> {
    let made = |seed| {
        let mut input = vec![0; bytes];
        SeededRandom::new(seed).fill(&mut input);
        input
    };
    (0..count).map(made).collect()
}

const STEPS_MAX: usize = 200;
