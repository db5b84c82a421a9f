//! Writes values anew as a target layer says them.

use super::TranslateError;
use super::compose::Draft;
use super::object::{Object, Part, passed};
use super::plan::{Plan, Treatment};
use super::rules::coercions::{self, Coercion};
use super::table::{self, Definition, Layer, Of, Presence, TypeRow};
use super::walk::{self, Words};
use crate::wire::VECTOR_ID;
use crate::{Encode as _, Reader};

/// Writes values as one layer says them.
#[derive(Clone, Copy)]
pub(super) struct Transcoder {
    pub(super) plan: &'static Plan,
}

/// Written, or what stood in the way.
///
/// After `Unrepresentable` the reader stands behind the value, and what was written of it is to be
/// cut off by whoever knows how to go on without it.
pub(super) type Outcome = Result<(), TranslateError>;

impl Transcoder {
    pub(super) fn to(layer: Layer) -> Self {
        Self { plan: Plan::of(layer) }
    }

    /// The target.
    pub(super) fn layer(&self) -> Layer {
        self.plan.layer
    }

    /// Writes a value of a type as the target's value of the same type.
    pub(super) fn value(&self, row: TypeRow, r: &mut Reader<'_>, out: &mut Vec<u8>) -> Outcome {
        if self.plan.is_transparent(row) {
            out.extend_from_slice(passed(row, r)?);
            return Ok(());
        }
        match table::of(row) {
            Of::Vector(item) => self.vector(item, r, out),
            Of::Generic => self.query(r, out),
            _ => self.boxed(row, r, out),
        }
    }

    /// Writes the items that can be said; the others are left out.
    fn vector(&self, item: TypeRow, r: &mut Reader<'_>, out: &mut Vec<u8>) -> Outcome {
        let count = walk::vector(r)?;
        each(out, 0..count, |_, out| self.value(item, r, out))
    }

    fn boxed(&self, row: TypeRow, r: &mut Reader<'_>, out: &mut Vec<u8>) -> Outcome {
        let start = r.clone();
        let mark = out.len();
        let definition = walk::constructor(row, r)?;
        let outcome = r.nested(|r| Ok(self.definition(definition, r, out)))?;
        let Err(TranslateError::Unrepresentable { .. }) = &outcome else {
            return outcome;
        };
        out.truncate(mark);
        *r = start;
        let bytes = passed(row, r)?;
        match self.plan.fallback(row) {
            Some(fallback) => fallback.write(self, &Object::read(row, bytes)?, out),
            None => outcome,
        }
    }

    /// Writes a call, or a boxed value whose type nobody stated.
    pub(super) fn query(&self, r: &mut Reader<'_>, out: &mut Vec<u8>) -> Outcome {
        let id = r.u32()?;
        let definition = table::definition(id).ok_or(TranslateError::UnknownFunction { id })?;
        r.nested(|r| Ok(self.definition(definition, r, out)))?
    }

    fn definition(
        &self,
        definition: &'static Definition,
        r: &mut Reader<'_>,
        out: &mut Vec<u8>,
    ) -> Outcome {
        match self.plan.treatment(definition) {
            Treatment::Same => self.same(definition, r, out),
            Treatment::Convert(target) => {
                let object = Object::read_fields(definition, r)?;
                self.compose(target, &[&object], &[], out)
            }
            Treatment::Rule(rule) => (rule.write)(self, &Object::read_fields(definition, r)?, out),
            Treatment::Absent => Err(self.unrepresentable(definition)),
        }
    }

    /// Copies field by field. Flag words are rebuilt, since a field may drop out.
    fn same(&self, definition: &Definition, r: &mut Reader<'_>, out: &mut Vec<u8>) -> Outcome {
        let mut words = Words::default();
        let mut draft = Draft::new(definition, out);
        for field in definition.fields() {
            match field.presence {
                Presence::Word(word) => {
                    words.set(word, r.u32()?);
                    draft.word(word);
                }
                Presence::Required => self.value(field.of, r, draft.out)?,
                Presence::Optional { word, bit } if !words.has(word, bit) => {}
                Presence::Optional { word, bit } if draft.is_refused(word, bit) => {
                    walk::value(field.of, r)?;
                }
                Presence::Optional { word, bit } => {
                    draft.optional(word, bit, |out| self.value(field.of, r, out).map(|()| true))?;
                }
            }
        }
        draft.finish();
        Ok(())
    }

    /// Writes a part as a value of another type.
    pub(super) fn coerce(&self, part: Part<'_>, to: TypeRow, out: &mut Vec<u8>) -> Outcome {
        if part.of == to {
            return self.value(to, &mut part.reader(), out);
        }
        if let Some(coercion) = coercions::of(part.of, to) {
            return coercion.write(self, part, to, out);
        }
        match (table::of(part.of), table::of(to)) {
            (Of::Vector(_), Of::Vector(item)) => {
                each(out, part.items()?, |part, out| self.coerce_item(part, item, out))
            }
            (Of::Vector(_), _) => match part.items()?.first() {
                Some(first) => self.coerce(*first, to, out),
                None => self.zero(to, out),
            },
            (_, Of::Vector(item)) => each(out, [part], |part, out| self.coerce(part, item, out)),
            (Of::True, Of::Bool) => {
                true.encode(out);
                Ok(())
            }
            _ => Err(TranslateError::Unrepresentable {
                name: table::type_spelling(part.of),
                layer: self.layer().number(),
            }),
        }
    }

    fn coerce_item(&self, part: Part<'_>, to: TypeRow, out: &mut Vec<u8>) -> Outcome {
        let mark = out.len();
        match self.coerce(part, to, out) {
            Err(TranslateError::Unrepresentable { .. })
                if coercions::of(part.of, to).is_some_and(Coercion::keeps_place) =>
            {
                out.truncate(mark);
                self.zero(to, out)
            }
            outcome => outcome,
        }
    }

    /// Writes the empty value of a type: what stands where a client must be told something.
    pub(super) fn zero(&self, row: TypeRow, out: &mut Vec<u8>) -> Outcome {
        match table::of(row) {
            Of::Int | Of::String | Of::Bytes => out.extend_from_slice(&[0; 4]),
            Of::Long | Of::Double => out.extend_from_slice(&[0; 8]),
            Of::Int128 => out.extend_from_slice(&[0; 16]),
            Of::Int256 => out.extend_from_slice(&[0; 32]),
            Of::Bool => false.encode(out),
            Of::True => {}
            Of::Vector(_) => each(out, [(); 0], |(), _| Ok(()))?,
            Of::Boxed(_) | Of::Generic => {
                let empty = table::definitions().iter().find(|definition| {
                    definition.result == row
                        && definition.fields().is_empty()
                        && definition.spelling().ends_with("Empty")
                        && self.layer().has(definition)
                });
                let empty = empty.ok_or_else(|| TranslateError::Unrepresentable {
                    name: table::type_spelling(row),
                    layer: self.layer().number(),
                })?;
                out.extend_from_slice(&empty.id.to_le_bytes());
            }
        }
        Ok(())
    }

    /// That the target has nothing for a definition.
    pub(super) fn unrepresentable(&self, definition: &Definition) -> TranslateError {
        TranslateError::Unrepresentable {
            name: definition.spelling(),
            layer: self.layer().number(),
        }
    }
}

/// Writes a vector of those items that can be said.
pub(super) fn each<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(T, &mut Vec<u8>) -> Outcome,
) -> Outcome {
    out.extend_from_slice(&VECTOR_ID.to_le_bytes());
    let count_at = out.len();
    out.extend_from_slice(&[0; 4]);
    let mut count = 0_u32;
    for item in items {
        let mark = out.len();
        match write(item, out) {
            Ok(()) => count += 1,
            Err(TranslateError::Unrepresentable { .. }) => out.truncate(mark),
            Err(error) => return Err(error),
        }
    }
    if let Some(place) = out.get_mut(count_at..count_at + 4) {
        place.copy_from_slice(&count.to_le_bytes());
    }
    Ok(())
}
