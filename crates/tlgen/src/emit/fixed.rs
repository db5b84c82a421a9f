//! Neighbouring fields of a fixed length, coded as one piece.
//!
//! Whether the buffer has room, or enough bytes, is asked once for each piece; a message has a dozen
//! fields of four bytes, and asking costs more than copying them.

use std::fmt::Write as _;

use super::names::field_name;
use super::structs::Target;
use crate::ast::{Definition, Field, Shape, Type};

/// Numbers that are written one behind the other.
#[derive(Default)]
pub(super) struct Pieces {
    /// What each is as an array of bytes, and how many it has.
    arrays: Vec<(String, usize)>,
}

impl Pieces {
    /// Adds a word, `word` being a number of 32 bits.
    pub(super) fn word(&mut self, word: &str) {
        self.arrays.push((format!("{word}.to_le_bytes()"), 4));
    }

    /// Adds the value at `place` if its length is fixed.
    pub(super) fn value(&mut self, of: &Type, place: &str) -> bool {
        let Some(len) = len(of) else { return false };
        let bytes = match of {
            Type::Int128 | Type::Int256 => place.to_owned(),
            _ => format!("{place}.to_le_bytes()"),
        };
        self.arrays.push((bytes, len));
        true
    }

    /// The statement that writes what was added to `out`.
    pub(super) fn write(&mut self, text: &mut String) {
        let arrays = std::mem::take(&mut self.arrays);
        if let [(bytes, _)] = &arrays[..] {
            let _ = writeln!(text, "out.extend_from_slice(&{bytes});");
        } else if !arrays.is_empty() {
            let total: usize = arrays.iter().map(|(_, len)| len).sum();
            let _ = writeln!(text, "let mut piece = [0_u8; {total}];");
            let mut at = 0;
            for (bytes, len) in arrays {
                let _ = writeln!(text, "piece[{at}..{}].copy_from_slice(&{bytes});", at + len);
                at += len;
            }
            text.push_str("out.extend_from_slice(&piece);\n");
        }
    }
}

/// Whether a value consists of its id and numbers, so that all of it is one piece.
pub(super) fn is_one_piece(definition: &Definition) -> bool {
    let is_number = |shape: &Shape| matches!(shape, Shape::Required(of) if len(of).is_some());
    !definition.fields.is_empty() && definition.fields.iter().all(|field| is_number(&field.shape))
}

/// The statements that read the numbers at the head of `fields`, and which those are: none unless
/// there are two to be read at once. What only a flag tells of lies between them without a byte.
pub(super) fn read<'a>(text: &mut String, fields: &'a [Field], target: Target<'_>) -> Vec<&'a str> {
    let mut numbers = Vec::new();
    for field in fields {
        match &field.shape {
            Shape::Flags => numbers.push((&*field.name, 4, "u32", Target::Locals)),
            Shape::Required(of) => match len(of) {
                Some(len) => numbers.push((&*field.name, len, number(of), target)),
                None => break,
            },
            Shape::Optional { of: Type::True, .. } => {}
            Shape::Optional { .. } => break,
        }
    }
    if numbers.len() < 2 {
        return Vec::new();
    }
    let total: usize = numbers.iter().map(|(_, len, ..)| len).sum();
    let _ = writeln!(text, "let piece: &[u8; {total}] = r.piece()?;");
    let mut at = 0;
    for (name, len, number, target) in &numbers {
        let place = target.place(&field_name(name));
        // Which array is wanted follows from what it is for.
        let part = format!("crate::wire::part(piece, {at})");
        let _ = match number.is_empty() {
            true => writeln!(text, "{place} = {part};"),
            false => writeln!(text, "{place} = {number}::from_le_bytes({part});"),
        };
        at += len;
    }
    numbers.into_iter().map(|(name, ..)| name).collect()
}

/// How many bytes a value takes, if all of its type take as many.
pub(super) fn len(of: &Type) -> Option<usize> {
    match of {
        Type::Int => Some(4),
        Type::Long | Type::Double => Some(8),
        Type::Int128 => Some(16),
        Type::Int256 => Some(32),
        _ => None,
    }
}

/// The Rust type that is read; none for what stays an array.
fn number(of: &Type) -> &'static str {
    match of {
        Type::Int => "i32",
        Type::Long => "i64",
        Type::Double => "f64",
        _ => "",
    }
}
