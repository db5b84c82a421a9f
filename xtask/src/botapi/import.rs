//! Reads the Bot API description that the aiogram source distribution carries, and keeps the
//! facts: names, types, requiredness, constants and results. Its sentences are not kept.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// The text of `schema/<version>.schema` for an unpacked package.
pub(super) fn schema_of(package: &Path) -> Result<String, String> {
    let text = fs::read_to_string(package.join(".butcher/schema/schema.json")).map_err(words)?;
    let root: Value = serde_json::from_str(&text).map_err(words)?;
    let results = results(&package.join("aiogram/methods"))?;
    let mut out = format!(
        "# Bot API {}, {}: names, types and requiredness.\n",
        string(&root["api"], "version"),
        string(&root["api"], "release_date")
    );
    for section in array(&root, "items") {
        let _ = writeln!(out, "\n== {}", string(section, "title"));
        for entry in array(section, "children") {
            let entry_text = if string(entry, "category") == "methods" {
                method(entry, &results)?
            } else {
                declared(entry, &root)
            };
            out.push_str(&entry_text);
        }
    }
    Ok(out)
}

fn method(entry: &Value, results: &BTreeMap<String, String>) -> Result<String, String> {
    let name = string(entry, "name");
    let result = results.get(name).ok_or_else(|| format!("result of {name} is unknown"))?;
    let mut out = format!("method {name} -> {result}\n");
    for field in array(entry, "annotations") {
        out.push_str(&line(field, None));
    }
    Ok(out)
}

fn declared(entry: &Value, root: &Value) -> String {
    let name = string(entry, "name");
    let members = members(string(entry, "description"), root);
    if !array(entry, "annotations").is_empty() || members.is_empty() {
        let mut out = format!("type {name}\n");
        for field in array(entry, "annotations") {
            out.push_str(&line(field, constant(field)));
        }
        return out;
    }
    let tag = tag(&members).map(|tag| format!(" by {tag}")).unwrap_or_default();
    let mut out = format!("union {name}{tag}\n");
    // The page says in words that rich text may also be a string or a list.
    if string(entry, "description").contains("either a String for plain text") {
        let _ = write!(out, "  String\n  [{name}]\n");
    }
    for member in members {
        let _ = writeln!(out, "  {}", string(member, "name"));
    }
    out
}

/// Types listed as bullets in a description: the members of a union.
fn members<'a>(description: &str, root: &'a Value) -> Vec<&'a Value> {
    let bullets = description.lines().filter_map(|line| line.trim().strip_prefix("- "));
    bullets.filter_map(|bullet| find(root, bullet.trim())).collect()
}

fn find<'a>(root: &'a Value, name: &str) -> Option<&'a Value> {
    let sections = array(root, "items").iter();
    sections.flat_map(|section| array(section, "children")).find(|c| string(c, "name") == name)
}

/// The field that carries a constant in every member. `source` precedes `type`: passport errors
/// have both, and only the former tells them apart.
fn tag(members: &[&Value]) -> Option<&'static str> {
    ["source", "status", "type"].into_iter().find(|tag| {
        members.iter().all(|member| {
            let mut fields = array(member, "annotations").iter();
            fields.any(|field| string(field, "name") == *tag && constant(field).is_some())
        })
    })
}

/// `must be photo`, `always "photo"`: the constant a description names.
fn constant(field: &Value) -> Option<String> {
    if string(field, "type") != "String" {
        return None;
    }
    if !matches!(string(field, "name"), "type" | "status" | "source") {
        return None;
    }
    let text = string(field, "description");
    let at = ["must be ", "always "]
        .iter()
        .find_map(|mark| text.find(mark).and_then(|at| text.get(at + mark.len()..)))?;
    let value: String = at
        .trim_start_matches(|c: char| !c.is_ascii_alphanumeric())
        .chars()
        .take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_')
        .collect();
    (!value.is_empty() && !text.contains("one of")).then_some(value)
}

fn line(field: &Value, constant: Option<String>) -> String {
    let mark = if field["required"].as_bool() == Some(true) { "" } else { "?" };
    let kind = constant.map_or_else(|| kind(string(field, "type")), |value| format!("\"{value}\""));
    format!("  {}{mark} {kind}\n", string(field, "name"))
}

/// `Array of Integer` becomes `[Integer]`, `Integer or String` becomes `Integer|String`.
fn kind(words: &str) -> String {
    match words.strip_prefix("Array of ") {
        Some(inner) => format!("[{}]", kind(inner)),
        None => words.replace(" and ", "|").replace(", ", "|").replace(" or ", "|"),
    }
}

/// Method results, from the one line of each method class that names them.
fn results(folder: &Path) -> Result<BTreeMap<String, String>, String> {
    let mut results = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(words)? {
        let text = fs::read_to_string(entry.map_err(words)?.path()).map_err(words)?;
        let value = |key: &str| {
            let mut lines = text.lines();
            lines.find_map(|line| line.trim().strip_prefix(key).map(str::trim).map(str::to_owned))
        };
        if let (Some(result), Some(name)) = (value("__returning__ ="), value("__api_method__ =")) {
            results.insert(name.trim_matches('"').to_owned(), result_kind(&result));
        }
    }
    Ok(results)
}

fn result_kind(python: &str) -> String {
    if let Some(inner) = python.strip_prefix("list[").and_then(|text| text.strip_suffix(']')) {
        return format!("[{}]", result_kind(inner));
    }
    let names = python.split(" | ").map(|name| match name {
        "bool" => "True",
        "str" => "String",
        "int" => "Integer",
        name => name.strip_prefix("Result").and_then(|n| n.strip_suffix("Union")).unwrap_or(name),
    });
    names.collect::<Vec<_>>().join("|")
}

fn array<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn string<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}
