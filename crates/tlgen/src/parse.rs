//! Schema text to definitions. Strict: a line that is not understood is an error with its number.

use std::fmt;

use crate::ast::{Definition, Field, Kind, Name, Shape, Type};
use crate::crc;

/// A line that is not TL, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ParseError {
    /// 1 for the first line of the text.
    pub line: usize,
    /// What was found and what was wanted.
    pub reason: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl std::error::Error for ParseError {}

/// Every definition of a schema text, in order.
///
/// The built-in types (`int`, `vector`, `Bool`, `True`, …) are passed over: their coding is fixed.
///
/// # Errors
/// The first line that is neither blank, comment, section mark nor definition.
pub fn schema(text: &str) -> Result<Vec<Definition>, ParseError> {
    let mut kind = Kind::Type;
    let mut definitions = Vec::new();
    for (index, raw) in text.lines().enumerate() {
        let line = raw.split("//").next().unwrap_or_default().trim();
        match line {
            "" => {}
            "---functions---" => kind = Kind::Function,
            "---types---" => kind = Kind::Type,
            _ if is_built_in(line) => {}
            _ => definitions.push(
                definition(line, kind).map_err(|reason| ParseError { line: index + 1, reason })?,
            ),
        }
    }
    Ok(definitions)
}

/// One definition, with or without its id and its closing semicolon.
///
/// # Errors
/// What was found where something else was wanted.
pub fn definition(line: &str, kind: Kind) -> Result<Definition, String> {
    let line = line.trim().trim_end_matches(';');
    let (left, right) =
        line.split_once('=').ok_or_else(|| format!("no equals sign in `{line}`"))?;
    let mut words = left.split_whitespace();
    let head = words.next().ok_or("no name before the equals sign")?;
    let (name, id) = match head.split_once('#') {
        Some((name, id)) => {
            (name, Some(u32::from_str_radix(id, 16).map_err(|_| format!("bad id `{id}`"))?))
        }
        None => (head, None),
    };

    let mut is_generic = false;
    let mut fields = Vec::new();
    for word in words {
        if word == "{X:Type}" {
            is_generic = true;
        } else {
            fields.push(field(word)?);
        }
    }
    let result = parse_type(right.trim())?;
    let mut definition =
        Definition { kind, name: Name::parse(name), id: 0, is_generic, fields, result };
    definition.id = id.unwrap_or_else(|| crc::id_of(&definition));
    Ok(definition)
}

fn field(word: &str) -> Result<Field, String> {
    let (name, rest) = word.split_once(':').ok_or_else(|| format!("no colon in field `{word}`"))?;
    let shape = if rest == "#" {
        Shape::Flags
    } else if let Some((flag, of)) = rest.split_once('?') {
        let (word, bit) = flag.split_once('.').ok_or_else(|| format!("no bit in flag `{flag}`"))?;
        let bit =
            bit.parse().ok().filter(|bit| *bit < 32).ok_or_else(|| format!("bad bit `{bit}`"))?;
        Shape::Optional { word: word.to_owned(), bit, of: parse_type(of)? }
    } else {
        Shape::Required(parse_type(rest)?)
    };
    Ok(Field { name: name.to_owned(), shape })
}

fn parse_type(text: &str) -> Result<Type, String> {
    Ok(match text {
        "int" => Type::Int,
        "long" => Type::Long,
        "double" => Type::Double,
        "int128" => Type::Int128,
        "int256" => Type::Int256,
        "string" => Type::String,
        "bytes" => Type::Bytes,
        "Bool" => Type::Bool,
        "true" => Type::True,
        "X" | "!X" => Type::Generic,
        _ => {
            if let Some(item) =
                vector_item(text, "Vector<").or_else(|| text.strip_prefix("Vector "))
            {
                return Ok(Type::Vector { bare: false, item: Box::new(parse_type(item)?) });
            }
            if let Some(item) = vector_item(text, "vector<") {
                return Ok(Type::Vector { bare: true, item: Box::new(parse_type(item)?) });
            }
            let name = Name::parse(text.trim_start_matches('%'));
            if name.ident.is_empty()
                || !name.ident.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            {
                return Err(format!("bad type `{text}`"));
            }
            let bare =
                text.starts_with('%') || name.ident.starts_with(|c: char| c.is_ascii_lowercase());
            Type::Named { name, bare }
        }
    })
}

fn vector_item<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    text.strip_prefix(prefix)?.strip_suffix('>')
}

fn is_built_in(line: &str) -> bool {
    const NAMES: [&str; 11] = [
        "int",
        "long",
        "double",
        "string",
        "vector",
        "int128",
        "int256",
        "boolFalse",
        "boolTrue",
        "true",
        "bytes",
    ];
    let head = line.split([' ', '#']).next().unwrap_or_default();
    NAMES.contains(&head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_round_trip(line: &str) {
        assert_eq!(definition(line, Kind::Type).expect("the line parses").to_string(), line);
    }

    #[test]
    fn a_definition_prints_as_it_was_read() {
        check_round_trip("inputPeerEmpty#7f3b18ea = InputPeer");
        check_round_trip(
            "config#cc1a241e flags:# test_mode:flags.0?true dc_options:Vector<DcOption> = Config",
        );
        check_round_trip(
            "future_salts#ae500895 req_msg_id:long now:int salts:vector<future_salt> = FutureSalts",
        );
        check_round_trip("invokeAfterMsg#cb9f372d {X:Type} msg_id:long query:!X = X");
    }

    #[track_caller]
    fn check_refused(text: &str, expected: &str) {
        assert_eq!(schema(text).expect_err("the text is refused").to_string(), expected);
    }

    #[test]
    fn a_broken_line_is_named() {
        check_refused("\nfoo#1 a:int", "line 2: no equals sign in `foo#1 a:int`");
        check_refused("foo#zz = Foo;", "line 1: bad id `zz`");
        check_refused("foo#1 a = Foo;", "line 1: no colon in field `a`");
        check_refused("foo#1 a:flags.32?int = Foo;", "line 1: bad bit `32`");
        check_refused("foo#1 a:In-t = Foo;", "line 1: bad type `In-t`");
    }
}
