//! Requests that are well formed and otherwise anything.

use std::collections::HashMap;

use heliogram_crypto::{Random as _, SeededRandom};
use heliogram_tl::write_bytes;
use heliogram_tlgen::ast::{Shape, Type};

use super::history::Line;
use super::schema::Schema;
use super::value::Value;
use super::write::write_vector_head;

/// Writes random requests of one layer, the same for the same seed.
#[derive(Debug)]
pub struct Sampler<'s> {
    schema: &'s Schema,
    known: &'s Known,
    random: SeededRandom,
}

/// What exists in the world that is asked, so that not all requests are about nothing.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// By a type's name: values that mean something.
    pub of_type: HashMap<&'static str, Vec<Value>>,
    /// By a field's name, for fields that are numbers or texts.
    pub of_field: HashMap<&'static str, Vec<Value>>,
}

impl<'s> Sampler<'s> {
    /// A sampler of the layer's requests.
    pub fn new(schema: &'s Schema, known: &'s Known, seed: u64) -> Self {
        Self { schema, known, random: SeededRandom::new(seed) }
    }

    /// A call of a function of the layer.
    pub fn call(&mut self, function: &str) -> Vec<u8> {
        let line = self.schema.function(function);
        let mut out = Vec::new();
        self.definition(line, 0, &mut out);
        out
    }

    fn definition(&mut self, line: &Line, depth: u32, out: &mut Vec<u8>) {
        out.extend_from_slice(&line.definition.id.to_le_bytes());
        let mut words: HashMap<&str, u32> = HashMap::new();
        for field in &line.definition.fields {
            if let Shape::Optional { word, bit, .. } = &field.shape {
                let is_set = depth < DEPTH_MAX && self.one_in(3);
                *words.entry(word).or_default() |= u32::from(is_set) << bit;
            }
        }
        for field in &line.definition.fields {
            match &field.shape {
                Shape::Flags => {
                    let word = words.get(field.name.as_str()).copied().unwrap_or_default();
                    out.extend_from_slice(&word.to_le_bytes());
                }
                Shape::Required(of) => self.field(&field.name, of, depth, out),
                Shape::Optional { word, bit, of } => {
                    let value = words.get(word.as_str()).copied().unwrap_or_default();
                    if value >> bit & 1 == 1 {
                        self.field(&field.name, of, depth, out);
                    }
                }
            }
        }
    }

    /// A field: mostly something that exists, if anything is known of its name.
    fn field(&mut self, name: &str, of: &Type, depth: u32, out: &mut Vec<u8>) {
        let known = self.known.of_field.get(name).filter(|_| is_plain(of));
        if let Some(known) = known
            && !self.one_in(4)
        {
            let value = fitting(of, &known[self.below(known.len())]);
            return self.schema.write(of, &value, out);
        }
        self.value(of, depth + 1, out);
    }

    fn value(&mut self, of: &Type, depth: u32, out: &mut Vec<u8>) {
        match of {
            Type::Int => {
                let choices = [0, 1, 2, 3, 10, 100, -1, i32::MAX, i32::MIN];
                out.extend_from_slice(&choices[self.below(choices.len())].to_le_bytes());
            }
            Type::Long | Type::Double => out.extend_from_slice(&self.random.i64().to_le_bytes()),
            Type::String | Type::Bytes => {
                let choices = ["", "a", "hello", "/start", "+99966100", "ein Text über Umlaute"];
                write_bytes(choices[self.below(choices.len())].as_bytes(), out);
            }
            Type::Bool => self.schema.write(of, &Value::Bool(self.one_in(2)), out),
            Type::Vector { item, .. } => {
                let count = if depth < DEPTH_MAX { self.below(3) } else { 0 };
                write_vector_head(count, out);
                for _ in 0..count {
                    self.value(item, depth + 1, out);
                }
            }
            Type::Named { name, .. } => {
                let known = self.known.of_type.get(name.to_string().as_str());
                if let Some(known) = known
                    && !self.one_in(5)
                {
                    return self.schema.write(of, &known[self.below(known.len())], out);
                }
                let among = self.schema.of_type(name);
                let count = if depth < DEPTH_MAX { among.len() } else { 1 };
                let line = among[self.below(count)];
                self.definition(line, depth + 1, out);
            }
            Type::True | Type::Int128 | Type::Int256 | Type::Generic => {
                self.schema.write_empty(of, out);
            }
        }
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).expect("few choices");
        usize::try_from(self.random.below(count)).expect("fewer than there are")
    }
}

fn is_plain(of: &Type) -> bool {
    matches!(of, Type::Int | Type::Long | Type::String | Type::Bytes)
        || matches!(of, Type::Vector { item, .. } if is_plain(item))
}

/// The value where one is due, the value alone where many are.
fn fitting(of: &Type, value: &Value) -> Value {
    match (of, value) {
        (Type::Vector { item, .. }, value) => Value::Vector(vec![fitting(item, value)]),
        (Type::Long, Value::Int(number)) => Value::Long((*number).into()),
        (Type::Int, Value::Long(number)) => Value::Int(i32::try_from(*number).unwrap_or(1)),
        (Type::Int, Value::Bytes(_)) => Value::Int(0),
        (Type::Long, Value::Bytes(_)) => Value::Long(0),
        (Type::String | Type::Bytes, Value::Int(_) | Value::Long(_)) => Value::Bytes(Vec::new()),
        (_, value) => value.clone(),
    }
}

/// Below this depth only what is required is written, by the shallowest constructors.
const DEPTH_MAX: u32 = 4;
