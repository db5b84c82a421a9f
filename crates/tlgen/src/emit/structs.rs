//! The struct of a constructor or function, and the coding of its fields.

use std::fmt::Write as _;

use super::fixed::{self, Pieces};
use super::names::{field_name, type_path};
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
    id: Option<u32>,
) {
    let mut pieces = Pieces::default();
    if let Some(id) = id {
        pieces.word(&format!("{id:#010x}_u32"));
    }
    for field in &definition.fields {
        let name = field_name(&field.name);
        match &field.shape {
            Shape::Flags => {
                encode_flags(out, definition, &field.name);
                pieces.word(&name);
            }
            Shape::Required(of) if pieces.value(of, &format!("self.{name}")) => {}
            Shape::Required(of) => {
                pieces.write(out);
                encode_value(out, of, &format!("self.{name}"), false);
            }
            Shape::Optional { of: Type::True, .. } => {}
            Shape::Optional { word, bit, of } => {
                pieces.write(out);
                let _ = writeln!(out, "if let Some(value) = &self.{name} {{");
                encode_value(out, of, "value", true);
                if shares_bit(definition, field, word, *bit) {
                    // Another field set the bit: the peer expects a value here too.
                    let _ = writeln!(out, "}} else if {} & (1 << {bit}) != 0 {{", field_name(word));
                    let _ =
                        writeln!(out, "let value: {} = Default::default();", type_path(root, of));
                    encode_value(out, of, "&value", true);
                }
                out.push_str("}\n");
            }
        }
    }
    pieces.write(out);
}

fn encode_flags(out: &mut String, definition: &Definition, flag_word: &str) {
    let _ = writeln!(out, "let mut {0} = 0_u32;", field_name(flag_word));
    for field in &definition.fields {
        let Shape::Optional { word, bit, of } = &field.shape else { continue };
        if word != flag_word {
            continue;
        }
        let name = field_name(&field.name);
        let is_set = if *of == Type::True {
            format!("self.{name}")
        } else {
            format!("self.{name}.is_some()")
        };
        let _ = writeln!(out, "if {is_set} {{ {} |= 1 << {bit}; }}", field_name(flag_word));
    }
}

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

/// The struct literal that reads every field from `r`.
pub(super) fn decode_fields(out: &mut String, definition: &Definition) {
    let mut names = Vec::new();
    let mut read = Vec::new();
    for (at, field) in definition.fields.iter().enumerate() {
        let name = field_name(&field.name);
        let is_optional = matches!(field.shape, Shape::Optional { .. });
        if !is_optional && !read.contains(&&*field.name) {
            read.extend(fixed::read(out, &definition.fields[at..]));
        }
        if read.contains(&&*field.name) {
            if field.shape != Shape::Flags {
                names.push(name);
            }
            continue;
        }
        match &field.shape {
            Shape::Flags => {
                let _ = writeln!(out, "let {name} = r.u32()?;");
                continue;
            }
            Shape::Required(of) => {
                let _ = writeln!(out, "let {name} = {};", decode_value(of));
            }
            Shape::Optional { word, bit, of: Type::True } => {
                let _ = writeln!(out, "let {name} = {} & (1 << {bit}) != 0;", field_name(word));
            }
            Shape::Optional { word, bit, of } => {
                let read = decode_value(of);
                let _ = writeln!(
                    out,
                    "let {name} = if {} & (1 << {bit}) != 0 {{ Some({read}) }} else {{ None }};",
                    field_name(word)
                );
            }
        }
        names.push(name);
    }
    let _ = writeln!(out, "Ok(Self {{ {} }})", names.join(", "));
}

fn decode_value(of: &Type) -> &'static str {
    match of {
        Type::Vector { bare: true, .. } => "crate::wire::decode_bare_vector(r)?",
        Type::Named { bare: true, .. } => "crate::Bare::decode_bare(r)?",
        _ => "crate::Decode::decode(r)?",
    }
}
