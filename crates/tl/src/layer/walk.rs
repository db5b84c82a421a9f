//! Passes over values without looking at what they mean; checks that they are values.

use super::rules::stand_ins;
use super::table::{self, Definition, Of, Presence, TypeRow, WORDS_MAX};
use crate::wire::VECTOR_ID;
use crate::{DecodeError, Reader};

/// Flag words that were read, by number.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Words([u32; WORDS_MAX]);

impl Words {
    /// Remembers a word.
    pub(super) fn set(&mut self, word: u8, value: u32) {
        if let Some(slot) = self.0.get_mut(usize::from(word)) {
            *slot = value;
        }
    }

    /// Sets a bit.
    pub(super) fn add(&mut self, word: u8, bit: u8) {
        if let Some(slot) = self.0.get_mut(usize::from(word)) {
            *slot |= 1 << bit;
        }
    }

    /// Whether a bit is set.
    pub(super) fn has(&self, word: u8, bit: u8) -> bool {
        self.0.get(usize::from(word)).is_some_and(|value| value >> bit & 1 == 1)
    }
}

/// Passes over a value of a type.
pub(super) fn value(row: TypeRow, r: &mut Reader<'_>) -> Result<(), DecodeError> {
    match table::of(row) {
        Of::Int => r.take(4).map(drop),
        Of::Long | Of::Double => r.take(8).map(drop),
        Of::Int128 => r.take(16).map(drop),
        Of::Int256 => r.take(32).map(drop),
        Of::String | Of::Bytes => r.byte_slice().map(drop),
        Of::Bool => crate::Decode::decode(r).map(|_: bool| ()),
        Of::True => Ok(()),
        Of::Generic => query(r),
        Of::Vector(item) => {
            let count = vector(r)?;
            (0..count).try_for_each(|_| value(item, r))
        }
        Of::Boxed(_) => {
            let definition = constructor(row, r)?;
            r.nested(|r| fields(definition, r))
        }
    }
}

/// Passes over a boxed value of any type: a wrapped query, or the root of a result.
fn query(r: &mut Reader<'_>) -> Result<(), DecodeError> {
    let id = r.u32()?;
    let definition = table::definition(id)
        .ok_or(DecodeError::UnexpectedConstructor { id, wanted: "anything known" })?;
    r.nested(|r| fields(definition, r))
}

/// Reads a vector's id and count.
pub(super) fn vector(r: &mut Reader<'_>) -> Result<usize, DecodeError> {
    r.expect(VECTOR_ID, "Vector")?;
    r.count(4)
}

/// Reads the id of a boxed value and checks that its type has it, or something that is taken for it.
pub(super) fn constructor(
    row: TypeRow,
    r: &mut Reader<'_>,
) -> Result<&'static Definition, DecodeError> {
    let id = r.u32()?;
    let found = table::definition(id).filter(|definition| !definition.is_function);
    match found {
        Some(definition) if definition.result == row => Ok(definition),
        _ => found.and_then(|definition| stand_ins::meant(row, definition)).ok_or_else(|| {
            DecodeError::UnexpectedConstructor { id, wanted: table::type_spelling(row) }
        }),
    }
}

/// Passes over a definition's fields.
pub(super) fn fields(definition: &Definition, r: &mut Reader<'_>) -> Result<(), DecodeError> {
    let mut words = Words::default();
    for field in definition.fields() {
        match field.presence {
            Presence::Word(word) => words.set(word, r.u32()?),
            Presence::Optional { word, bit } if !words.has(word, bit) => {}
            Presence::Optional { .. } | Presence::Required => value(field.of, r)?,
        }
    }
    Ok(())
}
