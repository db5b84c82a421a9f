//! The enum of a boxed type: one variant for each constructor.

use std::fmt::Write as _;

use super::layout::{Layout, Read};
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
    default(out, root, layout, &rust, name, constructors);
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
    // A value without values in it is no deeper than what it stands in.
    let is_leaf = constructors.iter().all(|definition| layout.is_leaf(definition));
    let function = |out: &mut String, head: &str, answer: &str, put: (&str, &str)| {
        let (open, close) = if is_leaf { ("", "") } else { ("r.nested(|r| {", "})") };
        let arms = arms(root, layout, name, constructors, put);
        // A peer is read in less time than a function is called.
        let is_inlined = is_leaf && constructors.len() <= INLINED_CONSTRUCTORS_MAX;
        let inline = if is_inlined { "#[inline]\n" } else { "" };
        let _ = writeln!(
            out,
            "{inline}fn {head} -> Result<{answer}, crate::DecodeError> {{\n{open}match r.u32()? {{\n{arms}}}{close}\n}}"
        );
    };
    let _ = writeln!(out, "impl crate::Decode for {rust} {{");
    function(out, "decode(r: &mut crate::Reader<'_>)", "Self", ("", ""));
    if layout.is_read(name, Read::Over) {
        function(out, "decode_over(&mut self, r: &mut crate::Reader<'_>)", "()", ("*self = ", ""));
    }
    if layout.is_read(name, Read::Some) {
        let head = "decode_some(place: &mut Option<Self>, r: &mut crate::Reader<'_>)";
        function(out, head, "()", ("*place = Some(", ")"));
    }
    if layout.is_read(name, Read::Onto) {
        let head = "decode_onto(items: &mut Vec<Self>, r: &mut crate::Reader<'_>)";
        function(out, head, "()", ("items.push(", ")"));
    }
    out.push_str("}\n");
}

/// A type of more constructors is too large to be read without a call.
const INLINED_CONSTRUCTORS_MAX: usize = 3;

/// The arms that read the fields of what an id stands for, and put the value between `put`.
fn arms(
    root: &str,
    layout: &Layout<'_>,
    name: &Name,
    constructors: &[&Definition],
    (before, behind): (&str, &str),
) -> String {
    let mut arms = String::new();
    for definition in constructors {
        let variant = type_name(&definition.name.ident);
        let value = match payload(definition, root, layout) {
            Payload::None => format!("Self::{variant}"),
            Payload::Inline(_) => format!("Self::{variant}(crate::Bare::decode_bare(r)?)"),
            Payload::Boxed(_) => format!("Self::{variant}(crate::Bare::decode_boxed(r)?)"),
        };
        let _ = match before {
            "" => writeln!(arms, "{:#010x} => Ok({value}),", definition.id),
            _ => writeln!(arms, "{:#010x} => Ok({{ {before}{value}{behind}; }}),", definition.id),
        };
    }
    let _ = writeln!(
        arms,
        "id => Err(crate::DecodeError::UnexpectedConstructor {{ id, wanted: \"{name}\" }}),"
    );
    arms
}

/// The constructor of the default value: an empty one if there is one, else the shortest.
pub(super) fn cheapest<'a>(constructors: &[&'a Definition]) -> Option<&'a Definition> {
    constructors.iter().copied().min_by_key(|definition| {
        // A name that says empty is the honest choice among equals.
        (weight(definition), !definition.name.ident.ends_with("Empty"))
    })
}

fn default(
    out: &mut String,
    root: &str,
    layout: &Layout<'_>,
    rust: &str,
    name: &Name,
    constructors: &[&Definition],
) {
    let Some(cheapest) = cheapest(constructors) else { return };
    let variant = type_name(&cheapest.name.ident);
    let value = match payload(cheapest, root, layout) {
        Payload::None => format!("Self::{variant}"),
        Payload::Inline(_) | Payload::Boxed(_) => format!("Self::{variant}(Default::default())"),
    };
    if layout.empty(name).is_some() {
        let empty = match payload(cheapest, root, layout) {
            Payload::None => value.clone(),
            Payload::Inline(path) | Payload::Boxed(path) => {
                format!("Self::{variant}({path}::EMPTY)")
            }
        };
        let _ = writeln!(out, "impl {rust} {{\npub(crate) const EMPTY: Self = {empty};\n}}");
    }
    let value = if layout.empty(name).is_some() { "Self::EMPTY".to_owned() } else { value };
    let _ = writeln!(
        out,
        "impl Default for {rust} {{\n#[inline]\nfn default() -> Self {{ {value} }}\n}}"
    );
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
