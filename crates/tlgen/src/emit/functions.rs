//! The struct of a function and what it answers with.

use std::fmt::Write as _;

use super::names::type_path;
use super::structs;
use crate::ast::Definition;

/// The function's struct, its coding (id first) and its result type, under the Rust name `rust`.
pub(super) fn emit(out: &mut String, root: &str, definition: &Definition, rust: &str) {
    structs::declaration(out, root, definition, rust);
    let _ = writeln!(
        out,
        "impl crate::Function for {rust} {{\nconst ID: u32 = {:#010x};\nconst NAME: &'static str = \"{}\";\ntype Return = {};\n}}",
        definition.id,
        definition.name,
        type_path(root, &definition.result)
    );
    let _ =
        writeln!(out, "impl crate::Encode for {rust} {{\nfn encode(&self, out: &mut Vec<u8>) {{");
    structs::encode_fields(out, root, definition, rust, Some(definition.id));
    let _ = writeln!(
        out,
        "}}\n}}\nimpl crate::Decode for {rust} {{\nfn decode(r: &mut crate::Reader<'_>) -> Result<Self, crate::DecodeError> {{\nr.expect({:#010x}, \"{}\")?;",
        definition.id, definition.name
    );
    structs::decode_fields(out, definition);
    out.push_str("}\n}\n");
}
