//! Bytes to values, with nothing forgiven.

use std::fmt;

use heliogram_tl::{Bytes, DecodeError, Reader};
use heliogram_tlgen::ast::{Name, Shape, Type};

use super::history::{self, Line};
use super::schema::Schema;
use super::value::{Object, Value};

/// Where bytes are not what the layer says they are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mismatch {
    /// The layer.
    pub layer: u32,
    /// The way from the outermost value: constructors, fields and places in vectors.
    pub path: String,
    /// What was found, and what was wanted.
    pub what: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "layer {}, at {}: {}", self.layer, self.path, self.what)
    }
}

impl std::error::Error for Mismatch {}

impl Schema {
    /// Reads the answer to one of the layer's functions.
    ///
    /// # Errors
    /// The first [`Mismatch`].
    ///
    /// # Panics
    /// If the layer has no such function.
    pub fn read_result(&self, function: &str, bytes: &Bytes) -> Result<Value, Mismatch> {
        self.read(&self.function(function).definition.result, bytes)
    }

    /// Reads what is pushed.
    ///
    /// # Errors
    /// The first [`Mismatch`].
    pub fn read_updates(&self, bytes: &Bytes) -> Result<Value, Mismatch> {
        let name = Name { namespace: None, ident: "Updates".to_owned() };
        self.read(&Type::Named { name, bare: false }, bytes)
    }

    /// Reads a value of whatever type it says it is.
    ///
    /// # Errors
    /// The first [`Mismatch`].
    pub fn read_any(&self, bytes: &Bytes) -> Result<Value, Mismatch> {
        let id = Reader::of(bytes).peek_u32().unwrap_or_default();
        match self.by_id(id) {
            Some(line) => self.read(&line.definition.result, bytes),
            None => {
                let what = unknown(id);
                Err(Mismatch { layer: self.layer(), path: "the outermost value".to_owned(), what })
            }
        }
    }

    fn read(&self, of: &Type, bytes: &Bytes) -> Result<Value, Mismatch> {
        let mut walk = Walk { schema: self, reader: Reader::of(bytes), path: vec![of.to_string()] };
        let value = walk.value(of)?;
        let left = walk.reader.rest().len();
        if left > 0 {
            return Err(walk.mismatch(format!("{left} bytes are left over")));
        }
        Ok(value)
    }
}

struct Walk<'s, 'a> {
    schema: &'s Schema,
    reader: Reader<'a>,
    path: Vec<String>,
}

impl<'a> Walk<'_, 'a> {
    fn value(&mut self, of: &Type) -> Result<Value, Mismatch> {
        Ok(match of {
            Type::Int => Value::Int(self.take(Reader::i32)?),
            Type::Long => Value::Long(self.take(Reader::i64)?),
            Type::Double => Value::Double(self.take(Reader::f64)?),
            Type::Int128 => Value::Raw(self.take(|r| r.take(16).map(<[u8]>::to_vec))?),
            Type::Int256 => Value::Raw(self.take(|r| r.take(32).map(<[u8]>::to_vec))?),
            Type::Bytes => Value::Bytes(self.take(|r| r.byte_slice().map(<[u8]>::to_vec))?),
            Type::String => {
                let bytes = self.take(|r| r.byte_slice().map(<[u8]>::to_vec))?;
                if std::str::from_utf8(&bytes).is_err() {
                    return Err(self.mismatch("a string is no text".to_owned()));
                }
                Value::Bytes(bytes)
            }
            Type::Bool => match self.take(Reader::u32)? {
                BOOL_TRUE => Value::Bool(true),
                BOOL_FALSE => Value::Bool(false),
                id => return Err(self.mismatch(format!("{} where a Bool is due", unknown(id)))),
            },
            Type::True => Value::True,
            Type::Vector { bare, item } => self.vector(*bare, item)?,
            Type::Named { name, bare: true } => {
                let found = self.schema.constructor(&name.to_string());
                let Some(line) = found else {
                    return Err(self.mismatch(format!("there is no bare {name}")));
                };
                self.object(line)?
            }
            Type::Named { bare: false, .. } => {
                let id = self.take(Reader::u32)?;
                let Some(line) = self.schema.by_id(id) else {
                    return Err(self.mismatch(unknown(id)));
                };
                if line.definition.result != *of {
                    let (name, result) = (&line.name, &line.definition.result);
                    return Err(self.mismatch(format!("{name} is a {result}, not a {of}")));
                }
                self.object(line)?
            }
            Type::Generic => return Err(self.mismatch("a wrapped answer has no type".to_owned())),
        })
    }

    fn vector(&mut self, bare: bool, item: &Type) -> Result<Value, Mismatch> {
        if !bare {
            let id = self.take(Reader::u32)?;
            if id != VECTOR {
                return Err(self.mismatch(format!("{} where a vector is due", unknown(id))));
            }
        }
        let count = self.take(Reader::u32)?;
        let mut items = Vec::new();
        for place in 0..count {
            self.path.push(format!("[{place}]"));
            items.push(self.value(item)?);
            self.path.pop();
        }
        Ok(Value::Vector(items))
    }

    fn object(&mut self, line: &'static Line) -> Result<Value, Mismatch> {
        let definition = &line.definition;
        self.path.push(format!("({})", line.name));
        let mut words: Vec<(&str, u32)> = Vec::new();
        let mut fields = Vec::new();
        for field in &definition.fields {
            self.path.push(format!(".{}", field.name));
            match &field.shape {
                Shape::Flags => words.push((&field.name, self.flags(line, &field.name)?)),
                Shape::Required(of) => fields.push((field.name.as_str(), self.value(of)?)),
                Shape::Optional { word, bit, of } => {
                    let found = words.iter().find(|(name, _)| name == word);
                    let (_, value) = found.expect("flag words stand before what they govern");
                    if value >> bit & 1 == 1 {
                        fields.push((field.name.as_str(), self.value(of)?));
                    }
                }
            }
            self.path.pop();
        }
        self.path.pop();
        Ok(Value::Object(Object { name: &line.name, fields }))
    }

    /// A flag word, all of whose bits must mean something.
    fn flags(&mut self, line: &Line, name: &str) -> Result<u32, Mismatch> {
        let value = self.take(Reader::u32)?;
        let known = line.definition.fields.iter().fold(0, |known, field| match &field.shape {
            Shape::Optional { word, bit, .. } if word == name => known | 1 << bit,
            _ => known,
        });
        match value & !known {
            0 => Ok(value),
            strange => Err(self.mismatch(format!("bits {strange:#x} have no meaning"))),
        }
    }

    fn take<T>(
        &mut self,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
    ) -> Result<T, Mismatch> {
        read(&mut self.reader).map_err(|error| self.mismatch(error.to_string()))
    }

    fn mismatch(&self, what: String) -> Mismatch {
        Mismatch { layer: self.schema.layer(), path: self.path.concat(), what }
    }
}

/// An id that the layer has not, with the name that other layers have for it.
fn unknown(id: u32) -> String {
    let line = history::lines().iter().find(|line| line.definition.id == id);
    match line {
        Some(line) => format!("{}#{id:08x} is of other layers", line.name),
        None => format!("{id:#010x} is of no layer"),
    }
}

const BOOL_TRUE: u32 = 0x9972_75b5;
const BOOL_FALSE: u32 = 0xbc79_9737;
const VECTOR: u32 = 0x1cb5_c415;
