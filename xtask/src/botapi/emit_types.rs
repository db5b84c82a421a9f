//! Types of the Bot API: what goes out derives `Serialize`, what comes in gets a reader with the
//! error texts of the official server.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::emit::{HEADER, ident};
use super::schema::{Field, Kind, Schema, Shape, Type};
use super::topics;

/// Types that are written by hand, beside the generated ones.
const BY_HAND: &[&str] = &["InputFile", "ReplyMarkup"];

struct Emitter<'a> {
    schema: &'a Schema,
    output: BTreeSet<&'a str>,
    input: BTreeSet<&'a str>,
}

/// `types/<topic>.rs` for every topic, and `types/mod.rs`.
pub(super) fn files(schema: &Schema) -> Vec<(String, String)> {
    let results = schema.methods.iter().map(|method| &method.result);
    let update = Kind::Name("Update".to_owned());
    let params = schema.methods.iter().flat_map(|method| &method.params);
    let emitter = Emitter {
        schema,
        output: schema.reachable(results.chain([&update])).into_iter().collect(),
        input: schema.reachable(params.map(|field| &field.kind)).into_iter().collect(),
    };
    let mut topics: BTreeMap<&str, Vec<&Type>> = BTreeMap::new();
    for declared in &schema.types {
        let used = emitter.output.contains(declared.name.as_str())
            || emitter.input.contains(declared.name.as_str());
        if used && !BY_HAND.contains(&declared.name.as_str()) {
            topics.entry(topics::of_type(declared)).or_default().push(declared);
        }
    }
    let mut files: Vec<_> = topics
        .iter()
        .map(|(topic, types)| (format!("types/{topic}.rs"), emitter.topic(topic, types, &topics)))
        .collect();
    files.push(("types/mod.rs".to_owned(), index(&topics)));
    files
}

fn index(topics: &BTreeMap<&str, Vec<&Type>>) -> String {
    let mut out = format!(
        "{HEADER}//! Objects of the Bot API as they stand in JSON, in the order of the official page.\n\n"
    );
    for topic in topics.keys() {
        let _ = writeln!(out, "mod {topic};");
    }
    out.push('\n');
    for (topic, types) in topics {
        let names: Vec<String> = types.iter().flat_map(|found| names(found)).collect();
        let _ = writeln!(out, "pub use {topic}::{{{}}};", names.join(", "));
    }
    out
}

/// A type's name, and that of the enum beside it when strings and objects mix.
fn names(declared: &Type) -> Vec<String> {
    let name = &declared.name;
    match &declared.shape {
        Shape::Union { members, .. } if members.contains(&Kind::Name("String".to_owned())) => {
            vec![name.clone(), format!("{name}Object")]
        }
        _ => vec![name.clone()],
    }
}

impl Emitter<'_> {
    fn topic(&self, topic: &str, types: &[&Type], all: &BTreeMap<&str, Vec<&Type>>) -> String {
        let mut body = String::new();
        for declared in types {
            self.declare(&mut body, declared);
        }
        let mut out = format!("{HEADER}//! Bot API types: {}.\n\n", topic.replace('_', " "));
        if body.contains("Serialize") {
            out.push_str("use serde::Serialize;\n");
        }
        if body.contains("Value") {
            out.push_str("use serde_json::Value;\n");
        }
        out.push('\n');
        if body.contains("json::") {
            out.push_str("use crate::json::{self, Fault, Field};\n");
        }
        if body.contains("ChatRef") {
            out.push_str("use crate::chat_ref::ChatRef;\n");
        }
        let foreign: Vec<&str> = all
            .iter()
            .filter(|(other, _)| **other != topic)
            .flat_map(|(_, types)| types.iter().map(|found| found.name.as_str()))
            .filter(|name| mentions(&body, name))
            .collect();
        if !foreign.is_empty() {
            let _ = writeln!(out, "use super::{{{}}};", foreign.join(", "));
        }
        out.push_str(&body);
        out
    }

    fn declare(&self, out: &mut String, declared: &Type) {
        match &declared.shape {
            Shape::Object(fields) => self.object(out, declared, fields),
            Shape::Union { tag, members } => self.union(out, declared, tag.as_deref(), members),
        }
    }

    fn derives(&self, out: &mut String, declared: &Type, default: bool) {
        let serialize =
            if self.output.contains(declared.name.as_str()) { ", Serialize" } else { "" };
        let default = if default { ", Default" } else { "" };
        let name = &declared.name;
        let _ = write!(
            out,
            "\n/// `{name}` of the Bot API.\n#[derive(Clone, Debug{default}, PartialEq{serialize})]\n"
        );
    }

    fn object(&self, out: &mut String, declared: &Type, fields: &[Field]) {
        let tag = self.schema.tag_of(&declared.name);
        let fields: Vec<&Field> =
            fields.iter().filter(|field| Some(field.name.as_str()) != tag).collect();
        self.derives(out, declared, true);
        let _ = writeln!(out, "pub struct {} {{", declared.name);
        for field in &fields {
            if self.output.contains(declared.name.as_str()) && !field.required {
                let skip =
                    if is_flag(&field.kind) { "std::ops::Not::not" } else { "Option::is_none" };
                let _ = writeln!(out, "    #[serde(skip_serializing_if = \"{skip}\")]");
            }
            let _ =
                writeln!(out, "pub {}: {},", ident(&field.name), self.field_type(declared, field));
        }
        out.push_str("}\n");
        if self.input.contains(declared.name.as_str()) {
            reader(out, declared, &fields);
        }
    }

    fn field_type(&self, owner: &Type, field: &Field) -> String {
        let base = match &field.kind {
            Kind::Name(name) if *name == owner.name => "Self".to_owned(),
            kind => rust_type(kind),
        };
        let object =
            matches!(&field.kind, Kind::Name(name) if self.schema.find_type(name).is_some());
        match (field.required, object) {
            (true, true) if self.holds(&field.kind, &owner.name) => format!("Box<{base}>"),
            (true, _) => base,
            (false, _) if is_flag(&field.kind) => base,
            (false, true) => format!("Option<Box<{base}>>"),
            (false, false) => format!("Option<{base}>"),
        }
    }

    /// Whether a value of `kind` contains, without any indirection, one of type `owner`.
    fn holds(&self, kind: &Kind, owner: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut queue = vec![kind];
        while let Some(Kind::Name(name)) = queue.pop() {
            if name == owner {
                return true;
            }
            let Some(declared) = self.schema.find_type(name) else { continue };
            if !seen.insert(name) {
                continue;
            }
            match &declared.shape {
                Shape::Object(fields) => {
                    let inline =
                        fields.iter().filter(|field| field.required).map(|field| &field.kind);
                    queue.extend(inline.filter(|kind| matches!(kind, Kind::Name(_))));
                }
                Shape::Union { members, .. } => {
                    queue.extend(members.iter().filter(|kind| matches!(kind, Kind::Name(_))));
                }
            }
        }
        false
    }

    fn union(&self, out: &mut String, declared: &Type, tag: Option<&str>, members: &[Kind]) {
        let name = &declared.name;
        let (plain, objects): (Vec<&Kind>, Vec<&Kind>) = members.iter().partition(
            |kind| !matches!(kind, Kind::Name(name) if self.schema.find_type(name).is_some()),
        );
        if plain.is_empty() {
            return self.union_of_objects(out, declared, name, tag, &objects);
        }
        // Strings, lists and objects together: the objects become an enum of their own.
        let styled = format!("{name}Object");
        self.derives(out, declared, false);
        let _ = write!(
            out,
            "#[serde(untagged)]\npub enum {name} {{\nPlain(String),\nMany(Vec<Self>),\nObject(Box<{styled}>),\n}}\n\
             impl Default for {name} {{\nfn default() -> Self {{\nSelf::Plain(String::new())\n}}\n}}\n"
        );
        if self.input.contains(name.as_str()) {
            let _ = write!(
                out,
                "impl Field for {name} {{\nfn field(name: &str, value: &Value) -> Result<Self, Fault> {{\n\
                 match value {{\nValue::String(text) => Ok(Self::Plain(text.clone())),\n\
                 Value::Array(_) => Ok(Self::Many(Field::field(name, value)?)),\n\
                 _ => Ok(Self::Object(json::nested(name, value)?)),\n}}\n}}\n}}\n"
            );
        }
        self.union_of_objects(out, declared, &styled, tag, &objects);
    }

    fn union_of_objects(
        &self,
        out: &mut String,
        declared: &Type,
        name: &str,
        tag: Option<&str>,
        members: &[&Kind],
    ) {
        let members: Vec<&str> = members.iter().filter_map(|kind| kind.name()).collect();
        let serialize = self.output.contains(declared.name.as_str());
        self.derives(out, declared, false);
        if serialize {
            let how = tag.map_or_else(|| "untagged".to_owned(), |tag| format!("tag = \"{tag}\""));
            let _ = writeln!(out, "#[serde({how})]");
        }
        let _ = writeln!(out, "#[allow(clippy::large_enum_variant)]\npub enum {name} {{");
        for member in &members {
            if let (true, Some(value)) =
                (serialize, tag.and_then(|tag| self.schema.tag_value(member, tag)))
            {
                let _ = writeln!(out, "#[serde(rename = \"{value}\")]");
            }
            let _ = writeln!(out, "{}({member}),", variant(&declared.name, member));
        }
        out.push_str("}\n");
        if let Some(first) = members.first() {
            let variant = variant(&declared.name, first);
            let _ = write!(
                out,
                "impl Default for {name} {{\nfn default() -> Self {{\nSelf::{variant}({first}::default())\n}}\n}}\n"
            );
        }
        if self.input.contains(declared.name.as_str()) {
            self.union_reader(out, declared, name, tag, &members);
        }
    }

    fn union_reader(
        &self,
        out: &mut String,
        declared: &Type,
        name: &str,
        tag: Option<&str>,
        members: &[&str],
    ) {
        let _ = write!(
            out,
            "impl Field for {name} {{\nfn field(name: &str, value: &Value) -> Result<Self, Fault> {{\n\
             let object = json::object(name, value)?;\n"
        );
        let mut ordered: Vec<&str> = members.to_vec();
        match tag {
            Some(tag) => {
                let _ = writeln!(
                    out,
                    "let tag: String = json::required(object, \"{tag}\")?;\nmatch tag.as_str() {{"
                );
                for member in &ordered {
                    let Some(value) = self.schema.tag_value(member, tag) else { continue };
                    let guard = self.guard(member, tag, value, &ordered);
                    let variant = variant(&declared.name, member);
                    let _ = writeln!(
                        out,
                        "\"{value}\"{guard} => Ok(Self::{variant}(json::nested(name, value)?)),"
                    );
                }
                out.push_str("_ => Err(Fault::unsupported(&tag)),\n}\n");
            }
            None => {
                ordered.sort_by_key(|member| std::cmp::Reverse(self.required(member).len()));
                for member in &ordered {
                    let names = self.required(member);
                    let has: Vec<String> =
                        names.iter().map(|name| format!("json::has(object, \"{name}\")")).collect();
                    let variant = variant(&declared.name, member);
                    let _ = write!(
                        out,
                        "if {} {{\nreturn Ok(Self::{variant}(json::nested(name, value)?));\n}}\n",
                        has.join(" && ")
                    );
                }
                out.push_str("Err(Fault::shapeless(name))\n");
            }
        }
        out.push_str("}\n}\n");
    }

    /// Two members may share a tag value: a result with a cached file and one with a URL. Then
    /// the former is told by the required field that the latter lacks.
    fn guard(&self, member: &str, tag: &str, value: &str, members: &[&str]) -> String {
        let mut later = members.iter().skip_while(|other| **other != member).skip(1);
        let twin = later.find(|other| self.schema.tag_value(other, tag) == Some(value));
        let Some(twin) = twin else { return String::new() };
        let mut own = self.required(member).into_iter();
        let telling = own.find(|name| !self.required(twin).contains(name));
        telling.map(|name| format!(" if json::has(object, \"{name}\")")).unwrap_or_default()
    }

    fn required(&self, member: &str) -> Vec<&str> {
        let fields = self.schema.fields(member).iter().filter(|field| field.required);
        fields.map(|field| field.name.as_str()).collect()
    }
}

fn reader(out: &mut String, declared: &Type, fields: &[&Field]) {
    let name = &declared.name;
    let _ = write!(
        out,
        "impl Field for {name} {{\nfn field(name: &str, value: &Value) -> Result<Self, Fault> {{\n"
    );
    if let Some(field) = &declared.shorthand {
        let _ = write!(
            out,
            "if let Value::String(text) = value {{\nreturn Ok(Self {{ {field}: text.clone(), ..Self::default() }});\n}}\n"
        );
    }
    if fields.is_empty() {
        out.push_str("json::object(name, value)?;\nOk(Self {})\n}\n}\n");
        return;
    }
    out.push_str("let object = json::object(name, value)?;\nOk(Self {\n");
    for field in fields {
        let how = match (field.required, is_flag(&field.kind)) {
            (true, _) => "required",
            (false, true) => "flag",
            (false, false) => "optional",
        };
        let _ = writeln!(out, "{}: json::{how}(object, \"{}\")?,", ident(&field.name), field.name);
    }
    out.push_str("})\n}\n}\n");
}

/// A union's variant: the member without the union's name, when something is left.
fn variant<'a>(union: &str, member: &'a str) -> &'a str {
    let short = member.strip_prefix(union).unwrap_or(member);
    let short =
        short.strip_prefix("InputMedia").filter(|_| union.starts_with("Input")).unwrap_or(short);
    if short.is_empty() { member } else { short }
}

fn is_flag(kind: &Kind) -> bool {
    matches!(kind, Kind::Name(name) if name == "True")
}

pub(super) fn rust_type(kind: &Kind) -> String {
    match kind {
        Kind::Constant(_) => "String".to_owned(),
        Kind::Array(inner) => format!("Vec<{}>", rust_type(inner)),
        Kind::Name(name) => match name.as_str() {
            "Integer" => "i64".to_owned(),
            "Float" => "f64".to_owned(),
            "Boolean" | "True" => "bool".to_owned(),
            "Integer|String" => "ChatRef".to_owned(),
            // Inside JSON a file is named: an id, an address, or `attach://part`.
            "InputFile" | "InputFile|String" => "String".to_owned(),
            name => name.to_owned(),
        },
    }
}

/// Whether `name` stands in `body` as a whole word.
pub(super) fn mentions(body: &str, name: &str) -> bool {
    // A parenthesis follows only variants, which are named like the types they hold.
    let edge = |c: Option<char>| {
        c.is_none_or(|c| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '`' | '('))
    };
    body.match_indices(name).any(|(at, _)| {
        let before = body.get(..at).and_then(|text| text.chars().next_back());
        let after = body.get(at + name.len()..).and_then(|text| text.chars().next());
        edge(before.filter(|c| *c != '(')) && edge(after)
    })
}
