//! The enum of a boxed type: one variant for each constructor.

use std::fmt::Write as _;

use super::layout::Layout;
use super::names::{struct_path, type_name};
use crate::ast::{Definition, Name, Shape};

/// Everything about one boxed type: the enum, its coding, its default and its conversions.
pub(super) fn emit(
    out: &mut String,
    root: &str,
    layout: &Layout<'_>,
    name: &Name,
    constructors: &[&Definition],
) {
    let rust = type_name(&name.ident);
    let _ = writeln!(out, "/// `{name}`\n#[derive(Clone, Debug, PartialEq)]\npub enum {rust} {{");
    for definition in constructors {
        let variant = type_name(&definition.name.ident);
        let _ = writeln!(out, "    /// `{}#{:x}`", definition.name, definition.id);
        let _ = match payload(definition, root, layout) {
            Payload::None => writeln!(out, "    {variant},"),
            Payload::Inline(path) => writeln!(out, "    {variant}({path}),"),
            Payload::Boxed(path) => writeln!(out, "    {variant}(Box<{path}>),"),
        };
    }
    out.push_str("}\n");
    encode(out, root, layout, &rust, constructors);
    decode(out, root, layout, &rust, name, constructors);
    default(out, root, layout, &rust, constructors);
    conversions(out, root, layout, &rust, constructors);
}

enum Payload {
    None,
    Inline(String),
    Boxed(String),
}

fn payload(definition: &Definition, root: &str, layout: &Layout<'_>) -> Payload {
    let path = struct_path(root, &definition.name);
    if definition.fields.is_empty() {
        Payload::None
    } else if layout.is_boxed(&definition.name) {
        Payload::Boxed(path)
    } else {
        Payload::Inline(path)
    }
}

fn encode(
    out: &mut String,
    root: &str,
    layout: &Layout<'_>,
    rust: &str,
    constructors: &[&Definition],
) {
    let _ = writeln!(
        out,
        "impl crate::Encode for {rust} {{\nfn encode(&self, out: &mut Vec<u8>) {{\nmatch self {{"
    );
    for definition in constructors {
        let variant = type_name(&definition.name.ident);
        let _ = match payload(definition, root, layout) {
            Payload::None => {
                writeln!(
                    out,
                    "Self::{variant} => out.extend_from_slice(&{:#010x}_u32.to_le_bytes()),",
                    definition.id
                )
            }
            Payload::Inline(_) => {
                writeln!(out, "Self::{variant}(value) => crate::Encode::encode(value, out),")
            }
            Payload::Boxed(_) => {
                writeln!(out, "Self::{variant}(value) => crate::Encode::encode(&**value, out),")
            }
        };
    }
    out.push_str("}\n}\n}\n");
}

fn decode(
    out: &mut String,
    root: &str,
    layout: &Layout<'_>,
    rust: &str,
    name: &Name,
    constructors: &[&Definition],
) {
    let _ = writeln!(
        out,
        "impl crate::Decode for {rust} {{\nfn decode(r: &mut crate::Reader<'_>) -> Result<Self, crate::DecodeError> {{\nr.nested(|r| Ok(match r.u32()? {{"
    );
    for definition in constructors {
        let variant = type_name(&definition.name.ident);
        let id = definition.id;
        let _ = match payload(definition, root, layout) {
            Payload::None => writeln!(out, "{id:#010x} => Self::{variant},"),
            Payload::Inline(_) => {
                writeln!(out, "{id:#010x} => Self::{variant}(crate::Bare::decode_bare(r)?),")
            }
            Payload::Boxed(_) => {
                writeln!(
                    out,
                    "{id:#010x} => Self::{variant}(Box::new(crate::Bare::decode_bare(r)?)),"
                )
            }
        };
    }
    let _ = writeln!(
        out,
        "id => return Err(crate::DecodeError::UnexpectedConstructor {{ id, wanted: \"{name}\" }}),\n}}))\n}}\n}}"
    );
}

/// The default is the cheapest value: an empty constructor if there is one, else the shortest.
fn default(
    out: &mut String,
    root: &str,
    layout: &Layout<'_>,
    rust: &str,
    constructors: &[&Definition],
) {
    let Some(cheapest) = constructors.iter().min_by_key(|definition| {
        // A name that says empty is the honest choice among equals.
        (weight(definition), !definition.name.ident.ends_with("Empty"))
    }) else {
        return;
    };
    let variant = type_name(&cheapest.name.ident);
    let value = match payload(cheapest, root, layout) {
        Payload::None => format!("Self::{variant}"),
        Payload::Inline(_) | Payload::Boxed(_) => format!("Self::{variant}(Default::default())"),
    };
    let _ = writeln!(out, "impl Default for {rust} {{\nfn default() -> Self {{ {value} }}\n}}");
}

fn weight(definition: &Definition) -> usize {
    definition
        .fields
        .iter()
        .map(|field| match &field.shape {
            // A required value of another type may lead back here; prefer plain fields.
            Shape::Required(crate::ast::Type::Named { .. }) => 100,
            Shape::Required(_) => 2,
            Shape::Flags | Shape::Optional { .. } => 1,
        })
        .sum()
}

fn conversions(
    out: &mut String,
    root: &str,
    layout: &Layout<'_>,
    rust: &str,
    constructors: &[&Definition],
) {
    for definition in constructors {
        let variant = type_name(&definition.name.ident);
        let (path, value) = match payload(definition, root, layout) {
            Payload::None => continue,
            Payload::Inline(path) => (path, "value"),
            Payload::Boxed(path) => (path, "Box::new(value)"),
        };
        let _ = writeln!(
            out,
            "impl From<{path}> for {rust} {{\nfn from(value: {path}) -> Self {{ Self::{variant}({value}) }}\n}}"
        );
    }
}
