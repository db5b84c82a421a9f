//! A function that reads and writes back a value of any generated type, for tests.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::names::type_name;
use crate::ast::{Definition, Kind, Name, Type};

/// Rust text of `decode_and_encode(name, bytes)`: by type name for values, by function name for
/// functions.
pub fn round_trip(definitions: &[Definition], root: &str) -> String {
    let mut out = String::from(
        "pub(crate) fn decode_and_encode(name: &str, bytes: &crate::Bytes) -> Option<Result<Vec<u8>, crate::DecodeError>> {\nSome(match name {\n",
    );
    let types: BTreeSet<&Name> = definitions
        .iter()
        .filter(|definition| definition.kind == Kind::Type)
        .filter_map(|definition| match &definition.result {
            Type::Named { name, .. } => Some(name),
            _ => None,
        })
        .collect();
    let functions = definitions.iter().filter(|definition| definition.kind == Kind::Function);
    let mut taken = BTreeSet::new();
    for name in types.into_iter().chain(functions.map(|definition| &definition.name)) {
        let mut rust = type_name(&name.ident);
        if !taken.insert((&name.namespace, rust.clone())) {
            rust.push_str("Request");
        }
        let path = match &name.namespace {
            Some(namespace) => format!("{root}::{namespace}::{rust}"),
            None => format!("{root}::{rust}"),
        };
        let _ = writeln!(
            out,
            "\"{name}\" => <{path} as crate::Decode>::from_bytes(bytes).map(|value| crate::Encode::to_bytes(&value)),"
        );
    }
    out.push_str("_ => return None,\n})\n}\n");
    out
}
