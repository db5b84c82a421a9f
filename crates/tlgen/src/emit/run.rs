//! Neighbouring fields that only flags tell of, passed over together.
//!
//! A message has thirty of them and an everyday one has three. One look at the flag words says that
//! none of a run is there.

use std::fmt::Write as _;

use super::names::field_name;
use crate::ast::{Field, Shape, Type};

/// Fields that may be absent, one behind the other.
pub(super) struct Run<'a> {
    fields: &'a [Field],
}

impl<'a> Run<'a> {
    /// The run at the head of `fields`; empty if the first of them is always there.
    pub(super) fn new(fields: &'a [Field]) -> Self {
        let mut held = 0;
        let end = fields.iter().position(|field| match &field.shape {
            Shape::Optional { of: Type::True, .. } => false,
            Shape::Optional { .. } => {
                held += 1;
                held > FIELDS_MAX
            }
            Shape::Flags | Shape::Required(_) => true,
        });
        Self { fields: &fields[..end.unwrap_or(fields.len())] }
    }

    /// How many fields it takes, with those that have no bytes.
    pub(super) const fn len(&self) -> usize {
        self.fields.len()
    }

    /// Its fields that have bytes, each with its flag word, bit and type.
    pub(super) fn held(&self) -> impl Iterator<Item = (&'a Field, &'a str, u8, &'a Type)> {
        self.fields.iter().filter_map(|field| match &field.shape {
            Shape::Optional { of: Type::True, .. } | Shape::Flags | Shape::Required(_) => None,
            Shape::Optional { word, bit, of } => Some((field, &**word, *bit, of)),
        })
    }

    /// Its fields that are nothing but a flag, each with its flag word and bit.
    pub(super) fn empty(&self) -> impl Iterator<Item = (&'a Field, &'a str, u8)> {
        self.fields.iter().filter_map(|field| match &field.shape {
            Shape::Optional { word, bit, of: Type::True } => Some((field, &**word, *bit)),
            Shape::Optional { .. } | Shape::Flags | Shape::Required(_) => None,
        })
    }

    /// Begins what is done only if one of the fields is there.
    pub(super) fn open(&self, text: &mut String) {
        if !self.is_worth_it() {
            return;
        }
        let mut masks: Vec<(&str, u32)> = Vec::new();
        for (_, word, bit, _) in self.held() {
            match masks.iter_mut().find(|(known, _)| *known == word) {
                Some((_, mask)) => *mask |= 1 << bit,
                None => masks.push((word, 1 << bit)),
            }
        }
        let looks: Vec<String> = masks
            .iter()
            .map(|(word, mask)| format!("({} & {mask:#x})", field_name(word)))
            .collect();
        let _ = writeln!(text, "if {} != 0 {{", looks.join(" | "));
    }

    /// Ends it.
    pub(super) fn close(&self, text: &mut String) {
        if self.is_worth_it() {
            text.push_str("}\n");
        }
    }

    fn is_worth_it(&self) -> bool {
        self.held().count() >= FIELDS_MIN
    }
}

/// Fewer are asked for one by one.
const FIELDS_MIN: usize = 3;

/// More are several runs, so that one rare field does not have all of them asked for.
const FIELDS_MAX: usize = 6;
