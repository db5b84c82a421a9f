//! The struct of a constructor or function, and the coding of its fields.

use std::fmt::Write as _;

use super::fixed::{self, Pieces};
use super::layout::Layout;
use super::names::{field_name, type_path};
use super::run::Run;
use crate::ast::{Definition, Field, Shape, Type};

/// `pub struct X { … }` with its doc line and derives.
pub(super) fn declaration(out: &mut String, root: &str, definition: &Definition, name: &str) {
    writeln!(out, "/// `{definition}`").expect("a string takes what is written");
    out.push_str("#[derive(Clone, Debug, Default, PartialEq)]\n");
    writeln!(out, "pub struct {name} {{").expect("a string takes what is written");
    for field in &definition.fields {
        let of = match &field.shape {
            Shape::Flags => continue,
            Shape::Required(of) | Shape::Optional { of: of @ Type::True, .. } => {
                type_path(root, of)
            }
            Shape::Optional { of, .. } => format!("Option<{}>", type_path(root, of)),
        };
        writeln!(out, "    /// `{field}`\n    pub {}: {of},", field_name(&field.name))
            .expect("a string takes it");
    }
    out.push_str("}\n");
}

/// The statements that write the value to `out`, with its id if there is one.
pub(super) fn encode_fields(
    out: &mut String,
    root: &str,
    definition: &Definition,
    rust: &str,
    id: Option<u32>,
) {
    let mut pieces = Pieces::default();
    if let Some(id) = id {
        pieces.word(&format!("{id:#010x}_u32"));
    }
    let mut fields = &definition.fields[..];
    while let [field, rest @ ..] = fields {
        let name = field_name(&field.name);
        let head = fields;
        fields = rest;
        match &field.shape {
            Shape::Flags => {
                encode_flags(out, definition, rust, &field.name);
                pieces.word(&name);
            }
            Shape::Required(of) if pieces.value(of, &format!("self.{name}")) => {}
            Shape::Required(of) => {
                pieces.write(out);
                encode_value(out, of, &format!("self.{name}"), false);
            }
            Shape::Optional { of: Type::True, .. } => {}
            Shape::Optional { .. } => {
                pieces.write(out);
                let run = Run::new(head);
                run.open(out);
                for (field, word, bit, of) in run.held() {
                    encode_optional(out, root, definition, field, (word, bit, of));
                }
                run.close(out);
                fields = &head[run.len()..];
            }
        }
    }
    pieces.write(out);
}

fn encode_optional(
    out: &mut String,
    root: &str,
    definition: &Definition,
    field: &Field,
    (word, bit, of): (&str, u8, &Type),
) {
    let name = field_name(&field.name);
    let _ = writeln!(out, "if let Some(value) = &self.{name} {{");
    encode_value(out, of, "value", true);
    if shares_bit(definition, field, word, bit) {
        // Another field set the bit: the peer expects a value here too.
        let _ = writeln!(out, "}} else if {} & (1 << {bit}) != 0 {{", field_name(word));
        let _ = writeln!(out, "let value: {} = Default::default();", type_path(root, of));
        encode_value(out, of, "&value", true);
    }
    out.push_str("}\n");
}

/// One expression without branches, so that no bit waits for another.
fn encode_flags(out: &mut String, definition: &Definition, rust: &str, flag_word: &str) {
    let bits = definition.fields.iter().filter_map(|field| match &field.shape {
        Shape::Optional { word, bit, of } if word == flag_word => {
            let name = field_name(&field.name);
            let is_set = if *of == Type::True { "" } else { ".is_some()" };
            Some(format!("u32::from(value.{name}{is_set}) << {bit}"))
        }
        _ => None,
    });
    let bits: Vec<String> = bits.collect();
    let name = field_name(flag_word);
    let _ = match bits.len() {
        0 => writeln!(out, "let {name} = 0_u32;"),
        1..FLAGS_APART_MIN => {
            writeln!(out, "let value = self;\nlet {name} = {};", bits.join(" | "))
        }
        // Together with what follows, the compiler would keep each look at a field for later.
        _ => writeln!(
            out,
            "#[inline(never)]\nfn {name}(value: &{rust}) -> u32 {{ {} }}\nlet {name} = {name}(self);",
            bits.join(" | ")
        ),
    };
}

/// A word of so many flags is put together in a function of its own.
const FLAGS_APART_MIN: usize = 8;

fn encode_value(out: &mut String, of: &Type, place: &str, is_reference: bool) {
    match of {
        Type::Vector { bare: true, .. } => {
            let place = if is_reference { place.to_owned() } else { format!("&{place}") };
            let _ = writeln!(out, "crate::wire::encode_bare_vector({place}, out);");
        }
        Type::Named { bare: true, .. } => {
            let _ = writeln!(
                out,
                "crate::Bare::encode_bare({}{place}, out);",
                if is_reference { "" } else { "&" }
            );
        }
        _ => {
            let _ = writeln!(
                out,
                "crate::Encode::encode({}{place}, out);",
                if is_reference { "" } else { "&" }
            );
        }
    }
}

fn shares_bit(definition: &Definition, this: &Field, this_word: &str, this_bit: u8) -> bool {
    definition.fields.iter().any(|field| {
        field.name != this.name
            && matches!(&field.shape, Shape::Optional { word, bit, .. } if word == this_word && *bit == this_bit)
    })
}

/// The statements that read every field from `r` and answer with the struct.
pub(super) fn decode_fields(out: &mut String, definition: &Definition) {
    let names = decode_each(out, &definition.fields, Target::Locals);
    let _ = writeln!(out, "Ok(Self {{ {} }})", names.join(", "));
}

/// The statements that read the fields at the head of the struct, and name the struct that has
/// them and is else empty, as an expression.
pub(super) fn decode_head(out: &mut String, root: &str, definition: &Definition) -> String {
    let names = decode_each(out, head(definition), Target::Locals);
    let rest = &definition.fields[head(definition).len()..];
    let empty = rest.iter().filter_map(|field| empty(root, field));
    let fields: Vec<String> = names.into_iter().chain(empty).collect();
    format!("Self {{ {} }}", fields.join(", "))
}

/// The statements that read the fields behind the head into `value`, a struct that has that.
pub(super) fn fill_fields(out: &mut String, layout: &Layout<'_>, definition: &Definition) {
    let rest = &definition.fields[head(definition).len()..];
    decode_each(out, rest, Target::Fields(layout));
}

/// The fields of a fixed length that come first.
fn head(definition: &Definition) -> &[Field] {
    let fields = &definition.fields;
    let end = fields.iter().position(|field| match &field.shape {
        Shape::Flags | Shape::Optional { of: Type::True, .. } => false,
        Shape::Required(of) => fixed::len(of).is_none(),
        Shape::Optional { .. } => true,
    });
    &fields[..end.unwrap_or(fields.len())]
}

/// The constant expression of the struct without anything in it. It is the default.
pub(super) fn empty_struct(root: &str, definition: &Definition) -> String {
    let fields = definition.fields.iter().filter_map(|field| empty(root, field));
    format!("Self {{ {} }}", fields.collect::<Vec<_>>().join(", "))
}

/// A field without anything in it, in a struct expression.
fn empty(root: &str, field: &Field) -> Option<String> {
    let value = match &field.shape {
        Shape::Flags => return None,
        Shape::Optional { of: Type::True, .. } => "false".to_owned(),
        Shape::Optional { .. } => "None".to_owned(),
        Shape::Required(of) => match of {
            Type::Int | Type::Long => "0".to_owned(),
            Type::Double => "0.0".to_owned(),
            Type::Int128 => "[0; 16]".to_owned(),
            Type::Int256 => "[0; 32]".to_owned(),
            Type::Bool | Type::True => "false".to_owned(),
            Type::String => "crate::Str::new()".to_owned(),
            Type::Bytes => "crate::Bytes::new()".to_owned(),
            Type::Generic => "crate::Raw(crate::Bytes::new())".to_owned(),
            Type::Vector { .. } => "Vec::new()".to_owned(),
            Type::Named { .. } => format!("{}::EMPTY", type_path(root, of)),
        },
    };
    Some(format!("{}: {value}", field_name(&field.name)))
}

/// Where what is read goes.
#[derive(Clone, Copy)]
pub(super) enum Target<'a> {
    /// Into variables, for a struct that is put together in the end.
    Locals,
    /// Into the fields of an empty value, which need not be touched if they are absent.
    Fields(&'a Layout<'a>),
}

impl Target<'_> {
    /// What stands before the equals sign.
    pub(super) fn place(self, name: &str) -> String {
        match self {
            Self::Locals => format!("let {name}"),
            Self::Fields(_) => format!("value.{name}"),
        }
    }
}

/// The names of all fields that a struct has.
fn decode_each(out: &mut String, mut fields: &[Field], target: Target<'_>) -> Vec<String> {
    let mut names = Vec::new();
    let mut read = Vec::new();
    while let [field, rest @ ..] = fields {
        let head = fields;
        fields = rest;
        let name = field_name(&field.name);
        let is_optional = matches!(field.shape, Shape::Optional { .. });
        if !is_optional && !read.contains(&&*field.name) {
            read.extend(fixed::read(out, head, target));
        }
        if read.contains(&&*field.name) {
            if field.shape != Shape::Flags {
                names.push(name);
            }
            continue;
        }
        let place = target.place(&name);
        match &field.shape {
            Shape::Flags => {
                let _ = writeln!(out, "let {name} = r.u32()?;");
                continue;
            }
            Shape::Required(of) => match target {
                Target::Fields(layout) if is_read_in_place(layout, of) => {
                    let _ = writeln!(out, "crate::Decode::decode_over(&mut value.{name}, r)?;");
                }
                _ => {
                    let _ = writeln!(out, "{place} = {};", decode_value(of));
                }
            },
            Shape::Optional { word, bit, of: Type::True } => {
                let _ = writeln!(out, "{place} = {} & (1 << {bit}) != 0;", field_name(word));
            }
            Shape::Optional { word, bit, of } => match target {
                Target::Locals => {
                    let read = decode_value(of);
                    let _ = writeln!(
                        out,
                        "{place} = if {} & (1 << {bit}) != 0 {{ Some({read}) }} else {{ None }};",
                        field_name(word)
                    );
                }
                Target::Fields(_) => {
                    let run = Run::new(head);
                    fill_run(out, &run);
                    fields = &head[run.len()..];
                }
            },
        }
        names.push(name);
    }
    names
}

fn fill_run(out: &mut String, run: &Run<'_>) {
    run.open(out);
    for (field, word, bit, of) in run.held() {
        let name = field_name(&field.name);
        let read = match of {
            Type::String | Type::Vector { bare: false, .. } | Type::Named { bare: false, .. } => {
                format!("crate::Decode::decode_some(&mut value.{name}, r)?")
            }
            _ => format!("value.{name} = Some({})", decode_value(of)),
        };
        let _ = writeln!(out, "if {} & (1 << {bit}) != 0 {{ {read}; }}", field_name(word));
    }
    run.close(out);
    for (field, word, bit) in run.empty() {
        let name = field_name(&field.name);
        let _ = writeln!(out, "value.{name} = {} & (1 << {bit}) != 0;", field_name(word));
    }
}

/// Whether a value goes to its place at once. Numbers come in a register anyway.
fn is_read_in_place(layout: &Layout<'_>, of: &Type) -> bool {
    match of {
        Type::String | Type::Vector { bare: false, .. } => true,
        Type::Named { .. } => layout.has_empty(of),
        _ => false,
    }
}

fn decode_value(of: &Type) -> &'static str {
    match of {
        Type::Vector { bare: true, .. } => "crate::wire::decode_bare_vector(r)?",
        Type::Named { bare: true, .. } => "crate::Bare::decode_bare(r)?",
        _ => "crate::Decode::decode(r)?",
    }
}
