//! Values to bytes: the requests of one layer.

use heliogram_tl::write_bytes;
use heliogram_tlgen::ast::{Name, Shape, Type};

use super::history::Line;
use super::schema::Schema;
use super::value::Value;

impl Schema {
    /// A call of one of the layer's functions.
    ///
    /// What is required and not named is zero or empty. What the layer's function has no place for
    /// is left out: a client of that layer could not say it.
    ///
    /// # Panics
    /// If the layer has no such function, or an argument is not of the type that it should be.
    pub fn call(&self, function: &str, arguments: &[(&'static str, Value)]) -> Vec<u8> {
        let line = self.function(function);
        let mut out = line.definition.id.to_le_bytes().to_vec();
        self.write_fields(line, arguments, &mut out);
        out
    }

    /// Writes the fields of a definition, those that are not given as [`Schema::call`] says.
    pub(super) fn write_fields(
        &self,
        line: &Line,
        given: &[(&'static str, Value)],
        out: &mut Vec<u8>,
    ) {
        let find = |wanted: &str| given.iter().find(|(name, _)| *name == wanted).map(|(_, v)| v);
        for field in &line.definition.fields {
            match &field.shape {
                Shape::Flags => {
                    let word = line.definition.fields.iter().fold(0_u32, |word, other| {
                        let is_set = find(&other.name).is_some_and(|v| *v != Value::Bool(false));
                        match &other.shape {
                            Shape::Optional { word: of, bit, .. } if *of == field.name => {
                                word | u32::from(is_set) << bit
                            }
                            _ => word,
                        }
                    });
                    out.extend_from_slice(&word.to_le_bytes());
                }
                Shape::Required(of) => match find(&field.name) {
                    Some(value) => self.write(of, value, out),
                    None => self.write_empty(of, out),
                },
                Shape::Optional { of, .. } => {
                    if let Some(value) = find(&field.name).filter(|v| **v != Value::Bool(false)) {
                        self.write(of, value, out);
                    }
                }
            }
        }
    }

    /// Writes a value of a type.
    pub(super) fn write(&self, of: &Type, value: &Value, out: &mut Vec<u8>) {
        match (of, value) {
            (Type::Int, Value::Int(number)) => out.extend_from_slice(&number.to_le_bytes()),
            (Type::Long, Value::Long(number)) => out.extend_from_slice(&number.to_le_bytes()),
            (Type::Double, Value::Double(number)) => out.extend_from_slice(&number.to_le_bytes()),
            (Type::Int128 | Type::Int256, Value::Raw(bytes)) => out.extend_from_slice(bytes),
            (Type::String | Type::Bytes, Value::Bytes(bytes)) => write_bytes(bytes, out),
            (Type::Bool, Value::Bool(truth)) => {
                let id: u32 = if *truth { 0x9972_75b5 } else { 0xbc79_9737 };
                out.extend_from_slice(&id.to_le_bytes());
            }
            (Type::True, _) => {}
            (Type::Vector { item, .. }, Value::Vector(items)) => {
                write_vector_head(items.len(), out);
                for value in items {
                    self.write(item, value, out);
                }
            }
            (Type::Named { name, .. }, Value::Object(object)) => {
                let line = self.constructor(object.name).filter(|line| is_a(line, name));
                let line = line.unwrap_or_else(|| {
                    panic!("layer {} has no {} of type {of}", self.layer(), object.name)
                });
                out.extend_from_slice(&line.definition.id.to_le_bytes());
                self.write_fields(line, &object.fields, out);
            }
            _ => panic!("{value:?} is no {of}"),
        }
    }

    /// Writes the smallest value of a type.
    pub(super) fn write_empty(&self, of: &Type, out: &mut Vec<u8>) {
        match of {
            Type::Int => out.extend_from_slice(&[0; 4]),
            Type::Long | Type::Double => out.extend_from_slice(&[0; 8]),
            Type::Int128 => out.extend_from_slice(&[0; 16]),
            Type::Int256 => out.extend_from_slice(&[0; 32]),
            Type::String | Type::Bytes => write_bytes(&[], out),
            Type::Bool => self.write(of, &Value::Bool(false), out),
            Type::True => {}
            Type::Vector { .. } => write_vector_head(0, out),
            Type::Named { name, .. } => {
                let found = self.of_type(name).first();
                let line = found.unwrap_or_else(|| panic!("nothing makes a {name}"));
                out.extend_from_slice(&line.definition.id.to_le_bytes());
                self.write_fields(line, &[], out);
            }
            Type::Generic => out.extend_from_slice(&self.call("help.getNearestDc", &[])),
        }
    }
}

/// The id and the count of a vector.
pub(super) fn write_vector_head(count: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(&0x1cb5_c415_u32.to_le_bytes());
    let count = u32::try_from(count).expect("a test sends few items");
    out.extend_from_slice(&count.to_le_bytes());
}

fn is_a(line: &Line, wanted: &Name) -> bool {
    matches!(&line.definition.result, Type::Named { name, .. } if name == wanted)
}
