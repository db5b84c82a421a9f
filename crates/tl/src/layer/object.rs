//! A value taken apart: where each of its fields begins and ends.

use super::table::{self, Definition, Field, Presence, TypeRow};
use super::walk::{self, Words};
use crate::{DecodeError, Reader};

/// A boxed value or a call, with the bytes of each field.
#[derive(Debug)]
pub(super) struct Object<'a> {
    /// What it is.
    pub(super) definition: &'static Definition,
    fields: Vec<Option<&'a [u8]>>,
}

/// One field of an object that is there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    /// Its type.
    pub(super) of: TypeRow,
    /// Its bytes; none for a set `true` flag.
    pub(super) bytes: &'a [u8],
}

impl<'a> Object<'a> {
    /// Takes a boxed value of the given type apart.
    pub(super) fn read(row: TypeRow, bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        let definition = walk::constructor(row, &mut r)?;
        Self::read_fields(definition, &mut r)
    }

    /// Takes the fields of a definition apart, the id having been read.
    pub(super) fn read_fields(
        definition: &'static Definition,
        r: &mut Reader<'a>,
    ) -> Result<Self, DecodeError> {
        let mut words = Words::default();
        let mut fields = Vec::with_capacity(definition.fields().len());
        for field in definition.fields() {
            fields.push(match field.presence {
                Presence::Word(word) => {
                    words.set(word, r.u32()?);
                    None
                }
                Presence::Optional { word, bit } if !words.has(word, bit) => None,
                Presence::Optional { .. } | Presence::Required => Some(passed(field.of, r)?),
            });
        }
        Ok(Self { definition, fields })
    }

    /// The field in a row of the definition, if it is there.
    pub(super) fn at(&self, index: usize) -> Option<Part<'a>> {
        let field = self.definition.fields().get(index)?;
        let bytes = self.fields.get(index).copied().flatten()?;
        Some(Part { of: field.of, bytes })
    }

    /// The row of a field by the number of its name, searched from `hint`: versions of one
    /// definition keep their order.
    pub(super) fn find(&self, name: u16, hint: usize) -> Option<usize> {
        let fields = self.definition.fields();
        let is_it = |field: &Field| field.name == name;
        let later = fields.iter().skip(hint).position(is_it).map(|index| index + hint);
        later.or_else(|| fields.iter().take(hint).position(is_it))
    }

    /// A field by its name, if it is there.
    pub(super) fn field(&self, name: &str) -> Option<Part<'a>> {
        let index = self.definition.fields().iter().position(|f| f.spelling() == name)?;
        self.at(index)
    }

    /// Whether it is this constructor or function.
    pub(super) fn is(&self, name: &str) -> bool {
        self.definition.spelling() == name
    }
}

impl<'a> Part<'a> {
    /// The boxed value in it, taken apart.
    pub(super) fn object(&self) -> Result<Object<'a>, DecodeError> {
        Object::read(self.of, self.bytes)
    }

    /// The items of the vector in it.
    pub(super) fn items(&self) -> Result<Vec<Self>, DecodeError> {
        let table::Of::Vector(item) = table::of(self.of) else {
            return Ok(Vec::new());
        };
        let mut r = self.reader();
        let count = walk::vector(&mut r)?;
        (0..count).map(|_| Ok(Self { of: item, bytes: passed(item, &mut r)? })).collect()
    }

    /// Reads the field's bytes.
    pub(super) const fn reader(&self) -> Reader<'a> {
        Reader::new(self.bytes)
    }
}

/// Passes over a value and answers with its bytes.
pub(super) fn passed<'a>(row: TypeRow, r: &mut Reader<'a>) -> Result<&'a [u8], DecodeError> {
    let mut ahead = r.clone();
    walk::value(row, &mut ahead)?;
    r.take(ahead.position() - r.position())
}
