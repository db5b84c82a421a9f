//! Parameters of the Bot API methods: one struct each, read leniently from the request's
//! arguments.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::emit::{HEADER, camel, ident};
use super::emit_types::{mentions, rust_type};
use super::schema::{Field, Kind, Method, Schema};
use super::topics;

/// `params/<topic>.rs` for every topic, and `params/mod.rs`.
pub(super) fn files(schema: &Schema) -> Vec<(String, String)> {
    let mut topics: BTreeMap<&str, Vec<&Method>> = BTreeMap::new();
    for method in schema.methods.iter().filter(|method| !method.params.is_empty()) {
        topics.entry(topics::of_method(method)).or_default().push(method);
    }
    let mut files: Vec<_> = topics
        .iter()
        .map(|(topic, methods)| (format!("params/{topic}.rs"), file(schema, topic, methods)))
        .collect();
    files.push(("params/mod.rs".to_owned(), index(&topics)));
    files.push(("methods/names.rs".to_owned(), names(schema)));
    files
}

fn names(schema: &Schema) -> String {
    let mut out =
        format!("{HEADER}//! Every method of the Bot API, in the order of the official page.\n\n");
    out.push_str("/// Official spellings. Requests are matched without regard to case.\n");
    out.push_str("pub(crate) const NAMES: &[&str] = &[\n");
    for method in &schema.methods {
        let _ = writeln!(out, "\"{}\",", method.name);
    }
    out.push_str("];\n");
    out
}

fn index(topics: &BTreeMap<&str, Vec<&Method>>) -> String {
    let mut out = format!(
        "{HEADER}//! Parameters of the Bot API methods. Absent strings read as empty, absent numbers as 0.\n\n"
    );
    for topic in topics.keys() {
        let _ = writeln!(out, "mod {topic};");
    }
    out.push('\n');
    for (topic, methods) in topics {
        let names: Vec<String> = methods.iter().map(|method| camel(&method.name)).collect();
        let _ = writeln!(out, "pub use {topic}::{{{}}};", names.join(", "));
    }
    out
}

fn file(schema: &Schema, topic: &str, methods: &[&Method]) -> String {
    let mut body = String::new();
    for method in methods {
        params(&mut body, schema, method);
    }
    let mut out = format!("{HEADER}//! Parameters: {}.\n\n", topic.replace('_', " "));
    out.push_str("use crate::args::Args;\nuse crate::error::ApiError;\n");
    for (name, path) in [
        ("ChatRef", "chat_ref::ChatRef"),
        ("InputFile", "args::InputFile"),
        ("ReplyMarkup", "reply_markup::ReplyMarkup"),
    ] {
        if mentions(&body, name) {
            let _ = writeln!(out, "use crate::{path};");
        }
    }
    let types: Vec<&str> = schema
        .types
        .iter()
        .map(|found| found.name.as_str())
        .filter(|name| !matches!(*name, "InputFile" | "ReplyMarkup") && mentions(&body, name))
        .collect();
    if !types.is_empty() {
        let _ = writeln!(out, "use crate::types::{{{}}};", types.join(", "));
    }
    out.push_str(&body);
    out
}

fn params(out: &mut String, schema: &Schema, method: &Method) {
    let name = camel(&method.name);
    let _ = write!(
        out,
        "\n/// Parameters of `{}`.\n#[derive(Clone, Debug, Default, PartialEq)]\npub struct {name} {{\n",
        method.name
    );
    for field in &method.params {
        let _ = writeln!(out, "pub {}: {},", ident(&field.name), field_type(field));
    }
    let _ = write!(
        out,
        "}}\n\nimpl {name} {{\n/// Reads the arguments of one request.\n\
         pub fn read(args: &Args) -> Result<Self, ApiError> {{\nOk(Self {{\n"
    );
    for field in &method.params {
        let _ = writeln!(out, "{}: {},", ident(&field.name), read(schema, field));
    }
    out.push_str("})\n}\n}\n");
}

fn is_file(kind: &Kind) -> bool {
    matches!(kind, Kind::Name(name) if name.starts_with("InputFile"))
}

fn field_type(field: &Field) -> String {
    let base = if is_file(&field.kind) { "InputFile".to_owned() } else { rust_type(&field.kind) };
    let plain = matches!(base.as_str(), "String" | "i64" | "f64" | "bool" | "ChatRef");
    if field.required && plain { base } else { format!("Option<{base}>") }
}

fn read(schema: &Schema, field: &Field) -> String {
    let name = &field.name;
    let optional = if field.required { "" } else { "optional_" };
    match &field.kind {
        kind if is_file(kind) => format!("args.file(\"{name}\")?"),
        Kind::Name(kind) => match kind.as_str() {
            "String" => format!("args.{optional}string(\"{name}\")?"),
            "Integer" => format!("args.{optional}integer(\"{name}\")"),
            "Float" => format!("args.{optional}float(\"{name}\")"),
            "Boolean" | "True" => format!("args.{optional}boolean(\"{name}\")"),
            "Integer|String" => format!("args.{optional}chat(\"{name}\")"),
            "ReplyMarkup" => format!("args.reply_markup(\"{name}\")?"),
            "InlineKeyboardMarkup" => format!("args.inline_markup(\"{name}\")?"),
            kind if schema.find_type(kind).is_some() => format!("args.json(\"{name}\")?"),
            kind => format!("compile_error!(\"no reader for {kind}\")"),
        },
        Kind::Array(_) => format!("args.json(\"{name}\")?"),
        Kind::Constant(_) => format!("args.string(\"{name}\")?"),
    }
}
