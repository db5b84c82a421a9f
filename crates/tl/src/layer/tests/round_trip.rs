//! Generated types read what they write, for every definition of the newest layer.

use super::SAMPLES;
use super::sample::Sampler;
use crate::Bytes;
use crate::layer::table::{self, Layer};

mod generated {
    include!(concat!(env!("OUT_DIR"), "/round_trip.rs"));
}

pub(super) use generated::decode_and_encode;

#[test]
fn every_definition_of_the_newest_layer_reads_back() {
    let mut sampler = Sampler::new(Layer::NEWEST, 1);
    let mut count = 0;
    for definition in table::definitions().iter().filter(|d| Layer::NEWEST.has(d)) {
        let name = match definition.is_function {
            true => definition.spelling(),
            false => table::type_spelling(definition.result),
        };
        for _ in 0..SAMPLES {
            let bytes = Bytes::from(sampler.of(definition));
            let again = decode_and_encode(name, &bytes).expect("every type is in the table");
            assert_eq!(again.as_deref(), Ok(&*bytes), "{} as {name}", definition.spelling());
            count += 1;
        }
    }
    assert!(count > 10_000, "{count} values");
}

#[test]
fn no_prefix_of_a_value_is_a_value() {
    let mut sampler = Sampler::new(Layer::NEWEST, 2);
    for definition in table::definitions().iter().filter(|d| Layer::NEWEST.has(d)) {
        let name = table::type_spelling(definition.result);
        // A wrapped query is whatever is left, so its wrapper cannot tell where it should end.
        if definition.is_function {
            continue;
        }
        let bytes = Bytes::from(sampler.of(definition));
        let cut = bytes.slice(..bytes.len() - 1);
        let outcome = decode_and_encode(name, &cut).expect("every type is in the table");
        assert!(outcome.is_err(), "{} without its last byte", definition.spelling());
    }
}
