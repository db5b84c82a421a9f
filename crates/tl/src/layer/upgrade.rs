//! Requests of any layer, as handlers of the newest know them.

use std::borrow::Cow;

use super::TranslateError;
use super::table::{self, Layer};
use super::transcode::Transcoder;
use crate::Reader;

/// Says a request in the newest layer.
///
/// Read by ids alone, never by the layer that the client declared: libraries take schemas before
/// their release, and an id means one layout wherever it turns up. Queries within wrappers
/// (`invokeWithLayer` and its like) are lifted too.
///
/// # Errors
/// `UnknownFunction`; `Unrepresentable` for a function that is gone and has no heir; `Malformed`.
pub fn upgrade_request(bytes: &[u8]) -> Result<Cow<'_, [u8]>, TranslateError> {
    let id = Reader::new(bytes).u32()?;
    let function = table::definition(id)
        .filter(|definition| definition.is_function)
        .ok_or(TranslateError::UnknownFunction { id })?;
    let transcoder = Transcoder::to(Layer::NEWEST);
    if transcoder.plan.is_unchanged(function) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut out = Vec::with_capacity(bytes.len() + 16);
    let mut r = Reader::new(bytes);
    transcoder.query(&mut r, &mut out)?;
    r.finish()?;
    Ok(Cow::Owned(out))
}
