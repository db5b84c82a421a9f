//! Random values of any definition, as a peer of some layer would write them.

use crate::layer::table::{self, Definition, Layer, Of, Presence, TypeRow, WORDS_MAX};
use crate::wire::VECTOR_ID;
use crate::{Encode as _, write_bytes};

/// Below this depth only what is required is written, by the shallowest constructors.
const DEPTH_MAX: u32 = 4;

/// Writes random values of one layer.
pub(super) struct Sampler {
    layer: Layer,
    constructors: Vec<Vec<&'static Definition>>,
    /// How many of each type's constructors are the shallowest.
    shallow: Vec<usize>,
    state: u64,
}

impl Sampler {
    pub(super) fn new(layer: Layer, seed: u64) -> Self {
        let mut constructors = vec![Vec::new(); table::TYPES.len()];
        let current = table::definitions().iter().filter(|d| !d.is_function && layer.has(d));
        for definition in current {
            constructors[usize::from(definition.result)].push(definition);
        }
        let heights = heights(&constructors);
        for list in &mut constructors {
            list.sort_by_key(|definition| heights[usize::from(definition.row)]);
        }
        let height = |definition: &&Definition| heights[usize::from(definition.row)];
        let shallow = constructors
            .iter()
            .map(|list| list.iter().filter(|d| height(d) == height(&list[0])).count())
            .collect();
        Self { layer, constructors, shallow, state: seed }
    }

    /// A value, or a call, of a definition.
    pub(super) fn of(&mut self, definition: &Definition) -> Vec<u8> {
        let mut out = Vec::new();
        self.definition(definition, 0, &mut out);
        out
    }

    /// A value of a type.
    pub(super) fn of_type(&mut self, row: TypeRow) -> Vec<u8> {
        let mut out = Vec::new();
        self.value(row, 0, &mut out);
        out
    }

    fn definition(&mut self, definition: &Definition, depth: u32, out: &mut Vec<u8>) {
        definition.id.encode_word(out);
        let mut words = [0_u32; WORDS_MAX];
        for field in definition.fields() {
            if let Presence::Optional { word, bit } = field.presence
                && depth < DEPTH_MAX
                && self.one_in(2)
            {
                words[usize::from(word)] |= 1 << bit;
            }
        }
        for field in definition.fields() {
            match field.presence {
                Presence::Word(word) => words[usize::from(word)].encode_word(out),
                Presence::Required => self.value(field.of, depth + 1, out),
                Presence::Optional { word, bit } => {
                    if words[usize::from(word)] >> bit & 1 == 1 {
                        self.value(field.of, depth + 1, out);
                    }
                }
            }
        }
    }

    fn value(&mut self, row: TypeRow, depth: u32, out: &mut Vec<u8>) {
        match table::of(row) {
            Of::Int => i32::try_from(self.next() >> 33).unwrap().encode(out),
            Of::Long => self.next().cast_signed().encode(out),
            Of::Double => f64::from(u32::try_from(self.next() >> 40).unwrap()).encode(out),
            Of::Int128 => [7; 16].encode(out),
            Of::Int256 => [9; 32].encode(out),
            Of::String | Of::Bytes => {
                let length = if self.one_in(40) { 300 } else { self.next() % 6 };
                write_bytes(&vec![b'x'; usize::try_from(length).unwrap()], out);
            }
            Of::Bool => self.one_in(2).encode(out),
            Of::True => {}
            Of::Generic => {
                let query = self.layer.function("help.getNearestDc").unwrap();
                query.id.encode_word(out);
            }
            Of::Vector(item) => {
                let count = if depth < DEPTH_MAX { self.next() % 3 } else { 0 };
                VECTOR_ID.encode_word(out);
                u32::try_from(count).unwrap().encode_word(out);
                for _ in 0..count {
                    self.value(item, depth + 1, out);
                }
            }
            Of::Boxed(_) => {
                let choice = usize::try_from(self.next() >> 33).unwrap();
                let among = &self.constructors[usize::from(row)];
                let shallow = self.shallow[usize::from(row)];
                let count = if depth < DEPTH_MAX { among.len() } else { shallow };
                let definition = among[choice % count];
                self.definition(definition, depth + 1, out);
            }
        }
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.next().is_multiple_of(count)
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

trait EncodeWord {
    fn encode_word(self, out: &mut Vec<u8>);
}

impl EncodeWord for u32 {
    fn encode_word(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }
}

/// How deep the shallowest value of each definition is.
fn heights(constructors: &[Vec<&'static Definition>]) -> Vec<u32> {
    let mut heights = vec![u32::MAX; table::definitions().len()];
    for height in 0.. {
        let mut is_stable = true;
        for definition in constructors.iter().flatten() {
            let required = |of: TypeRow| match table::of(of) {
                Of::Boxed(_) => constructors[usize::from(of)]
                    .iter()
                    .any(|inner| heights[usize::from(inner.row)] < height),
                _ => true,
            };
            let mut fields = definition.fields().iter();
            if heights[usize::from(definition.row)] == u32::MAX
                && fields.all(|f| f.presence != Presence::Required || required(f.of))
            {
                heights[usize::from(definition.row)] = height;
                is_stable = false;
            }
        }
        if is_stable && height > 0 {
            break;
        }
    }
    heights
}
