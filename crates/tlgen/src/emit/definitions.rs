//! The whole text: modules by namespace, each with its enums, structs and functions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::layout::Layout;
use super::names::type_name;
use super::{enums, fixed, functions, structs};
use crate::ast::{Definition, Kind, Name, Type};

/// Where the generated text will live.
#[derive(Clone, Debug)]
pub struct Options {
    /// Path of the module that includes the text, such as `crate` or `crate::mtproto`.
    pub root: String,
}

#[derive(Default)]
struct Module {
    enums: String,
    structs: String,
    functions: String,
}

/// Rust text for the definitions of one layer.
///
/// # Panics
/// If two definitions of one layer would get the same Rust name.
pub fn rust(definitions: &[Definition], options: &Options) -> String {
    let root = options.root.as_str();
    let layout = Layout::new(definitions);
    let mut modules: BTreeMap<Option<&str>, Module> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    let mut claim = |space: &str, name: &Name, rust: String| {
        taken.insert((space.to_owned(), name.namespace.clone(), rust))
    };

    for (name, constructors) in boxed_types(definitions) {
        assert!(
            claim("root", name, type_name(&name.ident)),
            "two types want the Rust name of {name}"
        );
        let module = modules.entry(name.namespace.as_deref()).or_default();
        enums::emit(&mut module.enums, root, &layout, name, &constructors);
    }
    for definition in definitions {
        let module = modules.entry(definition.name.namespace.as_deref()).or_default();
        match definition.kind {
            Kind::Type if definition.fields.is_empty() => {}
            Kind::Type => {
                let rust = type_name(&definition.name.ident);
                assert!(
                    claim("types", &definition.name, rust),
                    "two structs want the name of {}",
                    definition.name
                );
                constructor(&mut module.structs, root, &layout, definition);
            }
            Kind::Function => {
                // `rpc_drop_answer` answers with a type of its own name.
                let mut rust = type_name(&definition.name.ident);
                if !claim("root", &definition.name, rust.clone()) {
                    rust.push_str("Request");
                    assert!(
                        claim("root", &definition.name, rust.clone()),
                        "no Rust name for {}",
                        definition.name
                    );
                }
                functions::emit(&mut module.functions, root, definition, &rust);
            }
        }
    }
    assemble(&modules)
}

fn boxed_types(definitions: &[Definition]) -> BTreeMap<&Name, Vec<&Definition>> {
    let mut types: BTreeMap<&Name, Vec<&Definition>> = BTreeMap::new();
    for definition in definitions.iter().filter(|definition| definition.kind == Kind::Type) {
        if let Type::Named { name, .. } = &definition.result {
            types.entry(name).or_default().push(definition);
        }
    }
    types
}

fn constructor(out: &mut String, root: &str, layout: &Layout<'_>, definition: &Definition) {
    let rust = type_name(&definition.name.ident);
    structs::declaration(out, root, definition, &rust);
    let _ = writeln!(
        out,
        "impl crate::Constructor for {rust} {{\nconst ID: u32 = {:#010x};\nconst NAME: &'static str = \"{}\";\n}}",
        definition.id, definition.name
    );
    let _ = writeln!(
        out,
        "impl crate::Bare for {rust} {{\nfn encode_bare(&self, out: &mut Vec<u8>) {{"
    );
    structs::encode_fields(out, root, definition, &rust, None);
    out.push_str(
        "}\nfn decode_bare(r: &mut crate::Reader<'_>) -> Result<Self, crate::DecodeError> {\n",
    );
    if layout.is_filled(definition) {
        filled(out, root, layout, definition);
    } else {
        structs::decode_fields(out, definition);
    }
    let _ = writeln!(
        out,
        "}}\n}}\nimpl crate::Encode for {rust} {{\nfn encode(&self, out: &mut Vec<u8>) {{"
    );
    if fixed::is_one_piece(definition) {
        structs::encode_fields(out, root, definition, &rust, Some(definition.id));
    } else {
        let _ = writeln!(
            out,
            "out.extend_from_slice(&{:#010x}_u32.to_le_bytes());\ncrate::Bare::encode_bare(self, out);",
            definition.id
        );
    }
    out.push_str("}\n}\n");
    let _ = writeln!(
        out,
        "impl crate::Decode for {rust} {{\nfn decode(r: &mut crate::Reader<'_>) -> Result<Self, crate::DecodeError> {{\nr.expect({:#010x}, \"{}\")?;\ncrate::Bare::decode_bare(r)\n}}\n}}",
        definition.id, definition.name
    );
    if layout.is_plain(definition) {
        let empty = structs::empty_struct(root, definition);
        let _ = writeln!(out, "impl {rust} {{\npub(crate) const EMPTY: Self = {empty};\n}}");
    }
}

/// The bodies of both functions that read a struct which is kept in a box: the box comes first, and
/// only what is there is written to it.
fn filled(out: &mut String, root: &str, layout: &Layout<'_>, definition: &Definition) {
    out.push_str(
        "Self::decode_boxed(r).map(|value| *value)\n}\nfn decode_boxed(r: &mut crate::Reader<'_>) -> Result<Box<Self>, crate::DecodeError> {\n",
    );
    let value = structs::decode_head(out, root, definition);
    let _ = writeln!(out, "let mut value = Box::write(Box::new_uninit(), {value});");
    structs::fill_fields(out, layout, definition);
    out.push_str("Ok(value)\n");
}

fn assemble(modules: &BTreeMap<Option<&str>, Module>) -> String {
    let mut out = String::from("// Generated from the schema. Do not edit.\n");
    let mut types = String::new();
    for (namespace, module) in modules {
        match namespace {
            None => {
                let _ = writeln!(out, "{}{}", module.enums, module.functions);
                types.push_str(&module.structs);
            }
            Some(namespace) => {
                let _ = writeln!(
                    out,
                    "/// Types and functions of `{namespace}`.\npub mod {namespace} {{\n{}{}}}",
                    module.enums, module.functions
                );
                let _ = writeln!(
                    types,
                    "/// Constructors of `{namespace}`.\npub mod {namespace} {{\n{}}}",
                    module.structs
                );
            }
        }
    }
    let _ = writeln!(
        out,
        "/// Constructors: one struct for each that has fields.\npub mod types {{\n{types}}}"
    );
    out
}
