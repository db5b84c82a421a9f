//! Polls: the right answer was named by its option's bytes, now by its place.

use crate::layer::TranslateError;
use crate::layer::object::{Object, Part};
use crate::layer::table::{self, Field, Of};
use crate::layer::transcode::{Transcoder, each};
use crate::{Encode as _, Reader};

/// `inputMediaPoll.correct_answers`, in either form.
pub(super) fn correct_answers(
    transcoder: &Transcoder,
    source: &Object<'_>,
    field: &Field,
    out: &mut Vec<u8>,
) -> Result<bool, TranslateError> {
    let Some(correct) = source.field("correct_answers") else { return Ok(false) };
    let Some(poll) = source.field("poll") else { return Ok(false) };
    let options = options(poll)?;
    let refused = || transcoder.unrepresentable(source.definition);
    let by_place = matches!(table::of(field.of), Of::Vector(item) if table::of(item) == Of::Int);
    each(out, correct.items()?, |answer, out| {
        let mut r = Reader::new(answer.bytes);
        if by_place {
            let option = r.byte_slice()?;
            let place = options.iter().position(|known| *known == option);
            place.and_then(|place| i32::try_from(place).ok()).ok_or_else(refused)?.encode(out);
        } else {
            let place = usize::try_from(r.i32()?).ok();
            let option = place.and_then(|place| options.get(place)).ok_or_else(refused)?;
            crate::write_bytes(option, out);
        }
        Ok(())
    })?;
    Ok(true)
}

/// The bytes that stand for each answer of a poll.
fn options(poll: Part<'_>) -> Result<Vec<&[u8]>, TranslateError> {
    let Some(answers) = poll.object()?.field("answers") else { return Ok(Vec::new()) };
    let mut options = Vec::new();
    for answer in answers.items()? {
        match answer.object()?.field("option") {
            Some(option) => options.push(Reader::new(option.bytes).byte_slice()?),
            None => options.push(&[]),
        }
    }
    Ok(options)
}
