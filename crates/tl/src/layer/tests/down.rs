//! Answers and updates: whatever goes down is valid where it arrives.

use std::collections::BTreeSet;

use super::sample::Sampler;
use super::{SAMPLES, TRIES, strict};
use crate::layer::rules::legacy;
use crate::layer::table::{self, Layer};
use crate::layer::{TranslateError, downgrade_object, downgrade_result};

/// Layers below the newest.
fn older() -> impl Iterator<Item = Layer> {
    Layer::all().filter(|layer| *layer != Layer::NEWEST)
}

#[test]
fn every_value_is_valid_in_every_layer_or_refused() {
    let mut sampler = Sampler::new(Layer::NEWEST, 3);
    for layer in older() {
        let mut refused = BTreeSet::new();
        for definition in table::definitions() {
            if definition.is_function || !Layer::NEWEST.has(definition) {
                continue;
            }
            let mut is_said = false;
            for attempt in 0..TRIES {
                if is_said && attempt >= SAMPLES {
                    break;
                }
                let bytes = sampler.of(definition);
                match downgrade_object(layer.number(), &bytes) {
                    Ok(lowered) => {
                        is_said = true;
                        if let Err(fault) = strict::read(layer, definition.result, &lowered) {
                            panic!("{} in {}: {fault}", definition.spelling(), layer.number());
                        }
                    }
                    Err(TranslateError::Unrepresentable { .. }) => {}
                    Err(error) => panic!("{}: {error}", definition.spelling()),
                }
            }
            if !is_said && layer.current(definition.name).is_some() {
                refused.insert(definition.spelling());
            }
        }
        let expected: &[&str] = match layer.number() {
            // Only clients send it.
            181 | 184 => &["inputInvoiceStars"],
            // The message was the text itself, and calls have none here.
            216 => &["updateGroupCallMessage"],
            // Its only required field is a constructor that this layer alone had.
            227 => &["messages.chatInviteJoinResultWebView"],
            _ => &[],
        };
        assert_eq!(refused.iter().copied().collect::<Vec<_>>(), expected, "in {}", layer.number());
    }
}

#[test]
fn every_result_is_valid_for_the_function_that_was_called() {
    let mut sampler = Sampler::new(Layer::NEWEST, 4);
    for layer in older() {
        let mut refused = BTreeSet::new();
        for called in table::definitions() {
            if !called.is_function || !layer.has(called) || legacy::today(called).is_none() {
                continue;
            }
            let today = legacy::today(called).unwrap();
            if table::of(today.result) == table::Of::Generic {
                continue;
            }
            let mut is_said = false;
            for attempt in 0..TRIES {
                if is_said && attempt >= SAMPLES {
                    break;
                }
                let bytes = sampler.of_type(today.result);
                match downgrade_result(called.id, layer.number(), &bytes) {
                    Ok(lowered) => {
                        is_said = true;
                        if let Err(fault) = strict::read(layer, called.result, &lowered) {
                            panic!("{} in {}: {fault}", called.spelling(), layer.number());
                        }
                    }
                    Err(TranslateError::Unrepresentable { .. }) => {}
                    Err(error) => panic!("{}: {error}", called.spelling()),
                }
            }
            if !is_said {
                refused.insert(called.spelling());
            }
        }
        let expected: &[&str] = match layer.number() {
            216 => &["phone.sendGroupCallMessage"],
            198 | 199 => &["phone.createConferenceCall"],
            _ => &[],
        };
        assert_eq!(refused.iter().copied().collect::<Vec<_>>(), expected, "in {}", layer.number());
    }
}

#[test]
fn the_newest_layer_is_handed_on_untouched() {
    let bytes = [1, 2, 3];
    assert_eq!(&*downgrade_object(Layer::NEWEST.number(), &bytes).unwrap(), bytes);
    assert_eq!(&*downgrade_object(9999, &bytes).unwrap(), bytes);
}

#[test]
fn a_transparent_value_is_borrowed() {
    let mut sampler = Sampler::new(Layer::NEWEST, 5);
    let peer = Layer::NEWEST.constructor("peerUser").unwrap();
    let bytes = sampler.of(peer);
    assert!(matches!(downgrade_object(152, &bytes), Ok(std::borrow::Cow::Borrowed(_))));
}

#[test]
fn cut_bytes_are_malformed_and_nothing_worse() {
    let mut sampler = Sampler::new(Layer::NEWEST, 6);
    for definition in table::definitions() {
        if definition.is_function || !Layer::NEWEST.has(definition) {
            continue;
        }
        let bytes = sampler.of(definition);
        for cut in [4, 8, bytes.len() / 2 / 4 * 4] {
            // The outcome depends on the cut; that there is one is the promise.
            let _ = downgrade_object(152, bytes.get(..cut).unwrap_or_default());
        }
    }
}
