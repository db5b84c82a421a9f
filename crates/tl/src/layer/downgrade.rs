//! Today's answers and updates, as a client of an older layer reads them.

use std::borrow::Cow;

use super::TranslateError;
use super::object::Part;
use super::rules::legacy;
use super::table::{self, Layer, Of};
use super::transcode::Transcoder;
use crate::Reader;

/// Says the answer to a function in the caller's layer.
///
/// `function_id` is the id that the caller sent: it fixes which result type the caller waits for,
/// and functions have changed theirs. For a wrapped call it is the innermost function's.
///
/// # Errors
/// `Unrepresentable` if the caller's layer has no way to say it, and then an RPC error is due;
/// `UnknownFunction`; `Malformed` if `bytes` are not the function's result.
pub fn downgrade_result(
    function_id: u32,
    layer: i32,
    bytes: &[u8],
) -> Result<Cow<'_, [u8]>, TranslateError> {
    let called = table::definition(function_id)
        .filter(|definition| definition.is_function)
        .ok_or(TranslateError::UnknownFunction { id: function_id })?;
    let transcoder = Transcoder::to(Layer::serving(layer));
    let today = legacy::today(called).ok_or_else(|| transcoder.unrepresentable(called))?;
    if called.result == today.result {
        if transcoder.layer() == Layer::NEWEST || transcoder.plan.is_transparent(called.result) {
            return Ok(Cow::Borrowed(bytes));
        }
        if table::of(called.result) == Of::Generic {
            return downgrade_object(layer, bytes);
        }
    }
    let mut out = Vec::with_capacity(bytes.len());
    transcoder.coerce(Part { of: today.result, bytes }, called.result, &mut out)?;
    Ok(Cow::Owned(out))
}

/// Says a boxed value, such as updates that nobody asked for, in a client's layer.
///
/// # Errors
/// `Unrepresentable`: the client is not to be told; `Malformed`.
pub fn downgrade_object(layer: i32, bytes: &[u8]) -> Result<Cow<'_, [u8]>, TranslateError> {
    let layer = Layer::serving(layer);
    if layer == Layer::NEWEST {
        return Ok(Cow::Borrowed(bytes));
    }
    let transcoder = Transcoder::to(layer);
    let id = Reader::new(bytes).u32()?;
    let definition = table::definition(id)
        .filter(|definition| !definition.is_function)
        .ok_or(crate::DecodeError::UnexpectedConstructor { id, wanted: "a boxed value" })?;
    if transcoder.plan.is_unchanged(definition) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut r = Reader::new(bytes);
    transcoder.value(definition.result, &mut r, &mut out)?;
    r.finish()?;
    Ok(Cow::Owned(out))
}
