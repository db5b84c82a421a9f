//! Writes one object out of the fields of others.

use super::TranslateError;
use super::object::{Object, Part};
use super::rules::{self, fields::FieldRule};
use super::table::{self, Definition, Field, Of, Presence, WORDS_MAX};
use super::transcode::{Outcome, Transcoder};
use super::walk::Words;
use crate::Decode as _;

/// A field's name and its bytes, ready in the target's form.
pub(super) type Ready<'a> = (&'a str, Vec<u8>);

impl Transcoder {
    /// Writes a definition of the target with the fields of `sources` that have the same names,
    /// the first source that has one winning; fields in `ready` come first.
    ///
    /// A required field that nobody has takes what a rule says, else the empty value of its type.
    pub(super) fn compose(
        &self,
        target: &'static Definition,
        sources: &[&Object<'_>],
        ready: &[Ready<'_>],
        out: &mut Vec<u8>,
    ) -> Outcome {
        let mut draft = Draft::new(target, out);
        let begun = if target.shares_bits { begun(target, sources) } else { Words::default() };
        let mut sources = Sources {
            objects: sources,
            rules: rules::fields::of(target.spelling()),
            ready,
            hint: 0,
        };
        for field in target.fields() {
            match field.presence {
                Presence::Word(word) => draft.word(word),
                Presence::Optional { word, bit } => {
                    draft.optional(word, bit, |out| {
                        let is_there = self.field(field, &mut sources, out)?;
                        if !is_there && begun.has(word, bit) {
                            self.zero(field.of, out)?;
                        }
                        Ok(is_there || begun.has(word, bit))
                    })?;
                }
                Presence::Required => {
                    if !self.field(field, &mut sources, draft.out)? {
                        self.zero(field.of, draft.out)?;
                    }
                }
            }
        }
        draft.finish();
        Ok(())
    }

    /// Writes one field; answers whether there was anything to write.
    fn field(
        &self,
        field: &Field,
        sources: &mut Sources<'_, '_>,
        out: &mut Vec<u8>,
    ) -> Result<bool, TranslateError> {
        if let Some((_, bytes)) = sources.ready.iter().find(|(name, _)| *name == field.spelling()) {
            out.extend_from_slice(bytes);
            return Ok(true);
        }
        let part = sources.part(field);
        if part.is_none_or(|part| part.of != field.of)
            && let Some(rule) = sources.rules.iter().find(|rule| rule.field == field.spelling())
            && let Some(source) = sources.objects.first()
        {
            return rule.write(self, source, field, out);
        }
        match part {
            // A flag of the target: the bit is the value.
            Some(part) if table::of(field.of) == Of::True => {
                Ok(table::of(part.of) != Of::Bool || bool::decode(&mut part.reader())?)
            }
            Some(part) => self.coerce(part, field.of, out).map(|()| true),
            None => Ok(false),
        }
    }
}

/// Where the fields of an object that is being written come from.
struct Sources<'s, 'a> {
    objects: &'s [&'s Object<'a>],
    rules: &'static [FieldRule],
    ready: &'s [Ready<'s>],
    /// Where the last field was found: versions of a definition keep their order.
    hint: usize,
}

impl<'a> Sources<'_, 'a> {
    /// The field of the same name in the first object that has it.
    fn part(&mut self, field: &Field) -> Option<Part<'a>> {
        self.objects.iter().find_map(|object| {
            let index = object.find(field.name, self.hint)?;
            self.hint = index + 1;
            object.at(index)
        })
    }
}

/// The bits of the target under which some source has a field. Fields of one bit come together, so
/// where a source has but some of them, the others are written empty.
fn begun(target: &Definition, sources: &[&Object<'_>]) -> Words {
    let mut words = Words::default();
    for field in target.fields() {
        if let Presence::Optional { word, bit } = field.presence
            && sources.iter().any(|s| s.find(field.name, 0).and_then(|at| s.at(at)).is_some())
        {
            words.add(word, bit);
        }
    }
    words
}

/// An object that is being written: its flag words follow from what is written.
pub(super) struct Draft<'o> {
    /// Where it is written.
    pub(super) out: &'o mut Vec<u8>,
    words: [Word; WORDS_MAX],
    shares_bits: bool,
    parts: Vec<Written>,
}

#[derive(Clone, Copy, Default)]
struct Word {
    at: Option<usize>,
    value: u32,
    refused: u32,
}

/// An optional field that was written where others hang on the same bit.
struct Written {
    word: u8,
    bit: u8,
    from: usize,
    to: usize,
}

impl<'o> Draft<'o> {
    pub(super) fn new(definition: &Definition, out: &'o mut Vec<u8>) -> Self {
        out.extend_from_slice(&definition.id.to_le_bytes());
        let shares_bits = definition.shares_bits;
        Self { out, words: [Word::default(); WORDS_MAX], shares_bits, parts: Vec::new() }
    }

    /// Leaves room for a flag word.
    pub(super) fn word(&mut self, word: u8) {
        if let Some(slot) = self.words.get_mut(usize::from(word)) {
            slot.at = Some(self.out.len());
        }
        self.out.extend_from_slice(&[0; 4]);
    }

    /// Whether a field of this bit could not be said, so that its mates must be left out too.
    pub(super) fn is_refused(&self, word: u8, bit: u8) -> bool {
        self.words.get(usize::from(word)).is_some_and(|word| word.refused >> bit & 1 == 1)
    }

    /// Writes an optional field, if `write` says that there is one and can say it.
    pub(super) fn optional(
        &mut self,
        word: u8,
        bit: u8,
        write: impl FnOnce(&mut Vec<u8>) -> Result<bool, TranslateError>,
    ) -> Outcome {
        if self.is_refused(word, bit) {
            return Ok(());
        }
        let from = self.out.len();
        match write(self.out) {
            Ok(true) => {
                if let Some(slot) = self.words.get_mut(usize::from(word)) {
                    slot.value |= 1 << bit;
                }
                if self.shares_bits {
                    self.parts.push(Written { word, bit, from, to: self.out.len() });
                }
            }
            Ok(false) => {}
            Err(TranslateError::Unrepresentable { .. }) => {
                self.out.truncate(from);
                self.refuse(word, bit);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Clears a bit and takes back what was written under it.
    fn refuse(&mut self, word: u8, bit: u8) {
        if let Some(slot) = self.words.get_mut(usize::from(word)) {
            slot.value &= !(1 << bit);
            slot.refused |= 1 << bit;
        }
        while let Some(index) = self.parts.iter().position(|p| (p.word, p.bit) == (word, bit)) {
            let gone = self.parts.remove(index);
            self.out.drain(gone.from..gone.to);
            let length = gone.to - gone.from;
            for part in self.parts.iter_mut().filter(|part| part.from >= gone.to) {
                part.from -= length;
                part.to -= length;
            }
            for at in self.words.iter_mut().filter_map(|word| word.at.as_mut()) {
                if *at >= gone.to {
                    *at -= length;
                }
            }
        }
    }

    /// Fills in the flag words.
    pub(super) fn finish(self) {
        for word in self.words {
            if let Some(place) = word.at.and_then(|at| self.out.get_mut(at..at + 4)) {
                place.copy_from_slice(&word.value.to_le_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::table::Layer;

    #[test]
    fn what_hangs_on_a_refused_bit_is_taken_back() {
        let definition = Layer::NEWEST.constructor("message").unwrap();
        assert!(definition.shares_bits);
        let mut out = Vec::new();
        let mut draft = Draft::new(definition, &mut out);
        let write = |byte: u8| {
            move |out: &mut Vec<u8>| {
                out.extend_from_slice(&[byte; 4]);
                Ok(true)
            }
        };
        draft.word(0);
        draft.optional(0, 10, write(1)).unwrap();
        draft.word(1);
        draft.optional(0, 3, write(2)).unwrap();
        let refused = || Err(TranslateError::Unrepresentable { name: "x", layer: 0 });
        draft.optional(0, 10, |_| refused()).unwrap();
        draft.optional(0, 10, write(3)).unwrap();
        draft.optional(1, 0, write(4)).unwrap();
        draft.finish();
        let words: Vec<u32> =
            out.chunks(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect();
        assert_eq!(words, [definition.id, 1 << 3, 1, 0x0202_0202, 0x0404_0404]);
    }
}
