//! Gifts: they were named by the message they came with, and paged through by number.

use crate::layer::TranslateError;
use crate::layer::object::Object;
use crate::layer::table::Field;
use crate::layer::transcode::Transcoder;
use crate::{Reader, write_bytes};

/// The message in a user's chat that a gift came with, as a name of the gift.
pub(super) fn stargift(
    transcoder: &Transcoder,
    source: &Object<'_>,
    _: &Field,
    out: &mut Vec<u8>,
) -> Result<bool, TranslateError> {
    let Some(message) = source.field("msg_id") else { return Ok(false) };
    let Some(target) = transcoder.layer().constructor("inputSavedStarGiftUser") else {
        return Ok(false);
    };
    let ready = [("msg_id", message.bytes.to_vec())];
    transcoder.compose(target, &[], &ready, out).map(|()| true)
}

/// The place in a list, when it was a number; today it is what the server said last.
pub(super) fn offset(
    _: &Transcoder,
    source: &Object<'_>,
    _: &Field,
    out: &mut Vec<u8>,
) -> Result<bool, TranslateError> {
    let Some(offset) = source.field("offset") else { return Ok(false) };
    let text = match Reader::new(offset.bytes).i32()? {
        0 => String::new(),
        place => place.to_string(),
    };
    write_bytes(text.as_bytes(), out);
    Ok(true)
}
