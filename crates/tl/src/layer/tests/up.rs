//! Requests: whatever an imported layer can ask is a request of today.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::sample::Sampler;
use super::{SAMPLES, TRIES, strict};
use crate::Bytes;
use crate::layer::table::{self, Layer};
use crate::layer::tests::round_trip::decode_and_encode;
use crate::layer::{TranslateError, function_id, function_name, upgrade_request};

/// Functions without an heir; the dispatcher answers that there is no such method.
const GONE: [&str; 7] = [
    "folders.deleteFolder",
    "help.getAppChangelog",
    "messages.getAllChats",
    "payments.getUserStarGifts",
    "stats.getBroadcastRevenueStats",
    "stats.getBroadcastRevenueTransactions",
    "stats.getBroadcastRevenueWithdrawalUrl",
];

#[test]
fn every_request_of_every_layer_is_lifted() {
    let mut refused = BTreeSet::new();
    for layer in Layer::all() {
        let mut sampler = Sampler::new(layer, 7);
        for called in table::definitions().iter().filter(|d| d.is_function && layer.has(d)) {
            let mut is_said = false;
            for attempt in 0..TRIES {
                if is_said && attempt >= SAMPLES {
                    break;
                }
                match upgrade_request(&sampler.of(called)) {
                    Ok(raised) => {
                        is_said = true;
                        check(called.spelling(), &raised);
                    }
                    Err(TranslateError::Unrepresentable { .. }) => {}
                    Err(error) => panic!("{} of {}: {error}", called.spelling(), layer.number()),
                }
            }
            if !is_said {
                refused.insert(called.spelling());
            }
        }
    }
    assert_eq!(refused.into_iter().collect::<Vec<_>>(), GONE);
}

#[track_caller]
fn check(called: &str, raised: &[u8]) {
    if let Err(fault) = strict::read_call(Layer::NEWEST, raised) {
        panic!("{called}: {fault}");
    }
    let id = u32::from_le_bytes(*raised.first_chunk().unwrap());
    let name = function_name(id).unwrap();
    let again = decode_and_encode(name, &Bytes::copy_from_slice(raised)).unwrap();
    assert_eq!(again.as_deref(), Ok(raised), "{called}");
}

#[test]
fn an_unknown_function_is_named_by_its_id() {
    let outcome = upgrade_request(&[1, 0, 0, 0]);
    assert_eq!(outcome, Err(TranslateError::UnknownFunction { id: 1 }));
}

#[test]
fn a_function_of_old_has_a_name_and_a_new_id() {
    let old = Layer::serving(158).function("messages.sendMessage").unwrap();
    let new = Layer::NEWEST.function("messages.sendMessage").unwrap();
    assert_eq!(function_name(old.id), Some("messages.sendMessage"));
    assert_eq!(function_id(old.id), Some(new.id));
    assert_ne!(old.id, new.id);
}

#[test]
fn a_request_nested_beyond_reason_is_refused() {
    let wrapper = Layer::NEWEST.function("invokeWithoutUpdates").unwrap();
    let bytes: Vec<u8> = std::iter::repeat_n(wrapper.id.to_le_bytes(), 10_000).flatten().collect();
    assert!(matches!(upgrade_request(&bytes), Err(TranslateError::Malformed(_))));
}

#[test]
fn a_damaged_request_is_refused_or_still_valid() {
    let mut refused = 0;
    for layer in Layer::all() {
        let mut sampler = Sampler::new(layer, 9);
        let called = layer.function("messages.sendMedia").unwrap();
        for round in 0..2_000_usize {
            let mut bytes = sampler.of(called);
            let place = 4 + round.wrapping_mul(7919) % (bytes.len() - 4);
            bytes[place] ^= 1 << (round % 8);
            match upgrade_request(&bytes) {
                Ok(Cow::Owned(raised)) => strict::read_call(Layer::NEWEST, &raised).unwrap(),
                // What is the same in all layers is for the handler's decoder to refuse.
                Ok(Cow::Borrowed(_)) => {}
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > 0, "some damage is noticed");
}
