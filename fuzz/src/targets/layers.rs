//! Translation between layers.
//!
//! The first byte says the direction and the second the layer; then, for answers, the id of the function
//! that was called; the rest is the value. Nothing panics. What is a value of today is, translated, a
//! value of the other layer, as a reader of that layer alone reads it; what is lifted is a request of
//! today, and lifting it again changes nothing.

use std::collections::HashMap;
use std::sync::LazyLock;

use heliogram_testkit::strict::Schema;
use heliogram_tl::fuzzing::{decode_and_encode, layers, requests, results, values};
use heliogram_tl::layer::{
    TranslateError, downgrade_object, downgrade_result, function_id, function_name, upgrade_request,
};
use heliogram_tl::{Bytes, DecodeError, LAYER};

use crate::heap;

static LAYERS: LazyLock<Vec<i32>> = LazyLock::new(layers);

static SCHEMAS: LazyLock<HashMap<i32, Schema>> = LazyLock::new(|| {
    let schema =
        |layer: &i32| Schema::of_layer(u32::try_from(*layer).expect("layers count upwards"));
    LAYERS.iter().map(|layer| (*layer, schema(layer))).collect()
});

pub(super) fn check(input: &[u8]) {
    let Some((&[direction, layer], rest)) = input.split_first_chunk() else { return };
    let layer = LAYERS[usize::from(layer) % LAYERS.len()];
    match direction % 3 {
        0 => check_lifted(rest),
        1 => check_object(layer, rest),
        _ => check_result(layer, rest),
    }
}

fn check_lifted(bytes: &[u8]) {
    let (lifted, peak) = heap::peak(|| upgrade_request(bytes));
    assert!(peak <= BYTES_MIN + BYTES_EACH * bytes.len(), "{} bytes cost {peak}", bytes.len());
    let Ok(lifted) = lifted else { return };
    let again = upgrade_request(&lifted);
    assert_eq!(again.as_deref(), Ok(&*lifted), "lifted twice");
    if matches!(lifted, std::borrow::Cow::Borrowed(_)) {
        return;
    }
    let id = lifted.first_chunk().expect("a request has an id");
    let name = function_name(u32::from_le_bytes(*id)).expect("what is lifted is a function");
    let read =
        decode_and_encode(name, &Bytes::copy_from_slice(&lifted)).expect("a function of today");
    // Texts are carried as they are, and the depth is the reader's to judge.
    if let Err(error) = read {
        let is_foreseen = matches!(error, DecodeError::NotUtf8 | DecodeError::TooDeep { .. });
        assert!(is_foreseen, "{name}: {error}");
    }
}

fn check_object(layer: i32, bytes: &[u8]) {
    let owned = Bytes::copy_from_slice(bytes);
    let lowered = lowered(bytes, || downgrade_object(layer, bytes));
    if SCHEMAS[&LAYER].read_any(&owned).is_err() {
        return;
    }
    if let Some(lowered) = sound(lowered) {
        let read = SCHEMAS[&layer].read_any(&lowered);
        assert!(read.is_ok(), "{}", read.unwrap_err());
    }
}

fn check_result(layer: i32, input: &[u8]) {
    let Some((id, bytes)) = input.split_first_chunk() else { return };
    let id = u32::from_le_bytes(*id);
    let owned = Bytes::copy_from_slice(bytes);
    let lowered = lowered(bytes, || downgrade_result(id, layer, bytes));
    let (Some(called), Some(today)) = (function_name(id), function_id(id)) else { return };
    let today = function_name(today).expect("an id of today has a name");
    let schema = &SCHEMAS[&layer];
    let is_of_layer = schema.has_function(called) && schema.function_id(called) == id;
    if !is_of_layer || SCHEMAS[&LAYER].read_result(today, &owned).is_err() {
        return;
    }
    if let Some(lowered) = sound(lowered) {
        let read = schema.read_result(called, &lowered);
        assert!(read.is_ok(), "{}", read.unwrap_err());
    }
}

fn lowered<'a>(
    bytes: &[u8],
    lower: impl FnOnce() -> Result<std::borrow::Cow<'a, [u8]>, TranslateError>,
) -> Result<Bytes, TranslateError> {
    let (lowered, peak) = heap::peak(|| lower().map(|lowered| Bytes::copy_from_slice(&lowered)));
    assert!(peak <= BYTES_MIN + BYTES_EACH * bytes.len(), "{} bytes cost {peak}", bytes.len());
    lowered
}

/// What became of a value of today; none if the layer cannot say it, or it is too deep.
fn sound(lowered: Result<Bytes, TranslateError>) -> Option<Bytes> {
    match lowered {
        Ok(lowered) => Some(lowered),
        Err(TranslateError::Unrepresentable { .. })
        | Err(TranslateError::Malformed(DecodeError::TooDeep { .. })) => None,
        Err(error) => panic!("a value of today: {error}"),
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let count = LAYERS.len();
    let place = |at: usize| u8::try_from(at * 7 % count).unwrap_or(0);
    let lifted = LAYERS.iter().enumerate().flat_map(|(at, layer)| {
        let some = requests(*layer, 3).into_iter().skip(at).step_by(2 * count);
        some.map(|request| [&[0, 0][..], &request].concat())
    });
    let objects = values(4).into_iter().enumerate().step_by(3);
    let objects = objects.map(|(at, value)| [&[1, place(at)][..], &value].concat());
    let answers = LAYERS.iter().enumerate().flat_map(|(at, layer)| {
        let some = results(*layer, 5).into_iter().skip(at).step_by(2 * count);
        let layer = u8::try_from(at).unwrap_or(0);
        some.map(move |(id, value)| [&[2, layer][..], &id.to_le_bytes(), &value].concat())
    });
    let mut seeds: Vec<_> = lifted.chain(objects).chain(answers).collect();
    seeds.retain(|seed| seed.len() <= 800);
    seeds
}

/// What a translation may cost beyond the length of the value.
const BYTES_MIN: usize = 64 << 10;
const BYTES_EACH: usize = 256;
