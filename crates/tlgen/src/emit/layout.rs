//! How big a generated type will be, and which enum payloads are therefore boxed.
//!
//! Moving fat values costs more than parsing them. A payload over the limit, or one that contains
//! its own type, lives behind a `Box`, so that every enum stays small.

use std::collections::BTreeMap;

use crate::ast::{Definition, Kind, Name, Shape, Type};

/// Payloads above this many bytes are boxed.
const INLINE_BYTES_MAX: usize = 40;

/// Sizes of the enums of one schema, and the constructors that need a box.
pub(super) struct Layout<'a> {
    constructors: BTreeMap<&'a Name, &'a Definition>,
    by_type: BTreeMap<&'a Name, Vec<&'a Definition>>,
    enums: BTreeMap<&'a Name, Option<usize>>,
    boxed: BTreeMap<&'a Name, bool>,
}

impl<'a> Layout<'a> {
    pub(super) fn new(definitions: &'a [Definition]) -> Self {
        let mut layout = Self {
            constructors: BTreeMap::new(),
            by_type: BTreeMap::new(),
            enums: BTreeMap::new(),
            boxed: BTreeMap::new(),
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
        layout
    }

    /// Whether the enum holds this constructor's struct behind a box.
    pub(super) fn is_boxed(&self, constructor: &Name) -> bool {
        self.boxed.get(constructor).copied().unwrap_or(false)
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
            Type::Int256 | Type::String | Type::Bytes | Type::Generic => 32,
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
