//! What the fuzzer asks of the tables: the names behind ids, and values of any layer.

use super::rules::legacy;
use super::sample::Sampler;
use super::table::{self, Definition, Layer, Of};

/// Every imported layer, ascending.
pub fn layers() -> Vec<i32> {
    Layer::all().map(Layer::number).collect()
}

/// The type of a constructor, or the function, that an id of the newest layer stands for.
pub fn name(id: u32) -> Option<&'static str> {
    let definition = table::definition(id).filter(|found| Layer::NEWEST.has(found))?;
    Some(match definition.is_function {
        true => definition.spelling(),
        false => table::type_spelling(definition.result),
    })
}

/// A value of every constructor of the newest layer.
pub fn values(seed: u64) -> Vec<Vec<u8>> {
    let mut sampler = Sampler::new(Layer::NEWEST, seed);
    current(Layer::NEWEST, false).map(|definition| sampler.of(definition)).collect()
}

/// A call of every function of a layer.
pub fn requests(layer: i32, seed: u64) -> Vec<Vec<u8>> {
    let layer = Layer::serving(layer);
    let mut sampler = Sampler::new(layer, seed);
    current(layer, true).map(|definition| sampler.of(definition)).collect()
}

/// For every function of a layer its id, and what the newest answers.
pub fn results(layer: i32, seed: u64) -> Vec<(u32, Vec<u8>)> {
    let layer = Layer::serving(layer);
    let mut sampler = Sampler::new(Layer::NEWEST, seed);
    current(layer, true)
        .filter_map(|called| {
            let today = legacy::today(called)?;
            let is_known = table::of(today.result) != Of::Generic;
            is_known.then(|| (called.id, sampler.of_type(today.result)))
        })
        .collect()
}

fn current(layer: Layer, is_function: bool) -> impl Iterator<Item = &'static Definition> {
    let all = table::definitions().iter();
    all.filter(move |found| found.is_function == is_function && layer.has(found))
}
