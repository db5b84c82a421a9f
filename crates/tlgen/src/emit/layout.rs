//! How big a generated type will be, and which enum payloads are therefore boxed.
//!
//! Moving fat values costs more than parsing them. A payload over the limit, or one that contains
//! its own type, lives behind a `Box`, so that every enum stays small.

use std::collections::{BTreeMap, BTreeSet};

use super::enums::cheapest;
use crate::ast::{Definition, Kind, Name, Shape, Type};

/// Payloads above this many bytes are boxed.
const INLINE_BYTES_MAX: usize = 40;

/// A type of more constructors would have more code for one more way to be read than it is worth.
const ONTO_CONSTRUCTORS_MAX: usize = 6;

/// How deep empty values are followed.
const DEFAULTS_DEEP_MAX: usize = 4;

/// Sizes of the enums of one schema, and the constructors that need a box.
pub(super) struct Layout<'a> {
    constructors: BTreeMap<&'a Name, &'a Definition>,
    by_type: BTreeMap<&'a Name, Vec<&'a Definition>>,
    enums: BTreeMap<&'a Name, Option<usize>>,
    boxed: BTreeMap<&'a Name, bool>,
    read: BTreeSet<(&'a Name, Read)>,
}

/// How else than as an answer the values of a type are read.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Read {
    /// Over an empty value.
    Over,
    /// Over nothing, where there may be nothing.
    Some,
    /// Behind the values that were read before.
    Onto,
}

impl<'a> Layout<'a> {
    pub(super) fn new(definitions: &'a [Definition]) -> Self {
        let mut layout = Self {
            constructors: BTreeMap::new(),
            by_type: BTreeMap::new(),
            enums: BTreeMap::new(),
            boxed: BTreeMap::new(),
            read: BTreeSet::new(),
        };
        for definition in definitions.iter().filter(|definition| definition.kind == Kind::Type) {
            layout.constructors.insert(&definition.name, definition);
            if let Type::Named { name, .. } = &definition.result {
                layout.by_type.entry(name).or_default().push(definition);
            }
        }
        let names: Vec<&Name> = layout.by_type.keys().copied().collect();
        for name in names {
            layout.enum_bytes(name);
        }
        for definition in definitions {
            layout.note_reads(definition);
        }
        layout
    }

    /// Whether values of this type are read in this way anywhere.
    pub(super) fn is_read(&self, name: &Name, how: Read) -> bool {
        self.read.contains(&(name, how))
    }

    fn note_reads(&mut self, definition: &'a Definition) {
        let is_filled = self.is_filled(definition);
        for field in &definition.fields {
            let read = match &field.shape {
                Shape::Required(Type::Vector { bare: false, item })
                | Shape::Optional { of: Type::Vector { bare: false, item }, .. } => {
                    named(item).filter(|name| self.is_short(name)).map(|name| (name, Read::Onto))
                }
                Shape::Required(of) if is_filled => {
                    named(of).filter(|_| self.has_empty(of)).map(|name| (name, Read::Over))
                }
                Shape::Optional { of, .. } if is_filled => named(of).map(|name| (name, Read::Some)),
                _ => None,
            };
            self.read.extend(read);
        }
    }

    fn is_short(&self, name: &Name) -> bool {
        self.by_type.get(name).is_some_and(|all| all.len() <= ONTO_CONSTRUCTORS_MAX)
    }

    /// Whether the enum holds this constructor's struct behind a box.
    pub(super) fn is_boxed(&self, constructor: &Name) -> bool {
        self.boxed.get(constructor).copied().unwrap_or(false)
    }

    /// Whether the struct is read into an empty value: it is kept in a box, and an empty value costs
    /// nothing.
    pub(super) fn is_filled(&self, definition: &Definition) -> bool {
        definition.kind == Kind::Type
            && self.is_boxed(&definition.name)
            && self.is_plain(definition)
    }

    /// Whether a field of this type may be given an empty value first.
    pub(super) fn has_empty(&self, of: &Type) -> bool {
        match of {
            Type::Named { name, bare: false } => self.empty_of(name, DEFAULTS_DEEP_MAX).is_some(),
            Type::Named { bare: true, .. } => false,
            _ => true,
        }
    }

    /// The constructor of a type's empty value, if that needs no memory of its own.
    pub(super) fn empty(&self, name: &Name) -> Option<&'a Definition> {
        self.empty_of(name, DEFAULTS_DEEP_MAX)
    }

    /// Whether a struct's empty value needs no memory of its own.
    pub(super) fn is_plain(&self, definition: &Definition) -> bool {
        self.is_plain_so_deep(definition, DEFAULTS_DEEP_MAX)
    }

    /// Whether no value of a type of the schema stands in the struct.
    pub(super) fn is_leaf(&self, definition: &Definition) -> bool {
        definition.fields.iter().all(|field| match &field.shape {
            Shape::Flags => true,
            Shape::Required(of) | Shape::Optional { of, .. } => {
                !matches!(of, Type::Named { .. } | Type::Vector { .. } | Type::Generic)
            }
        })
    }

    fn is_plain_so_deep(&self, definition: &Definition, deep: usize) -> bool {
        definition.fields.iter().all(|field| match &field.shape {
            Shape::Required(Type::Named { name, bare: false }) => {
                self.empty_of(name, deep).is_some()
            }
            Shape::Required(Type::Named { bare: true, .. }) => false,
            Shape::Required(_) | Shape::Flags | Shape::Optional { .. } => true,
        })
    }

    fn empty_of(&self, name: &Name, deep: usize) -> Option<&'a Definition> {
        let constructors = self.by_type.get(name).map_or(&[][..], Vec::as_slice);
        cheapest(constructors).filter(|definition| {
            definition.fields.is_empty()
                || deep > 0
                    && !self.is_boxed(&definition.name)
                    && self.is_plain_so_deep(definition, deep - 1)
        })
    }

    fn enum_bytes(&mut self, name: &'a Name) -> Option<usize> {
        if let Some(known) = self.enums.get(name) {
            return *known;
        }
        self.enums.insert(name, None);
        let mut widest = 0;
        for definition in self.by_type.get(name).cloned().unwrap_or_default() {
            let inline = self.struct_bytes(definition).filter(|bytes| *bytes <= INLINE_BYTES_MAX);
            self.boxed.insert(&definition.name, inline.is_none());
            widest = widest.max(inline.unwrap_or(8));
        }
        let bytes = Some(widest + 8);
        self.enums.insert(name, bytes);
        bytes
    }

    /// `None` if the struct contains a type whose size is being computed: itself, in the end.
    fn struct_bytes(&mut self, definition: &'a Definition) -> Option<usize> {
        let mut total = 0;
        for field in &definition.fields {
            total += match &field.shape {
                Shape::Flags => 0,
                Shape::Required(of) => self.type_bytes(of)?,
                Shape::Optional { of: Type::True, .. } => 1,
                Shape::Optional { of, .. } => self.type_bytes(of)? + 4,
            };
        }
        Some(total)
    }

    fn type_bytes(&mut self, of: &'a Type) -> Option<usize> {
        Some(match of {
            Type::Int => 4,
            Type::Long | Type::Double => 8,
            Type::Int128 => 16,
            Type::Int256 | Type::Bytes | Type::Generic => 32,
            Type::String => 24,
            Type::Bool | Type::True => 1,
            Type::Vector { .. } => 24,
            Type::Named { name, bare: false } => {
                self.enum_bytes(self.by_type.get_key_value(name)?.0)?
            }
            Type::Named { name, bare: true } => {
                let definition = *self.constructors.get(name)?;
                self.struct_bytes(definition)?
            }
        })
    }
}

fn named(of: &Type) -> Option<&Name> {
    match of {
        Type::Named { name, bare: false } => Some(name),
        _ => None,
    }
}
