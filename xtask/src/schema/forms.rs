//! The three forms in which packages write a schema down.

use std::io;

use heliogram_tlgen::ast::{Definition, Kind};
use heliogram_tlgen::parse;
use serde_json::Value;

/// Service constructors that hold other messages: the transport codes them by hand.
const BY_HAND: [&str; 5] = ["rpc_result", "msg_container", "message", "msg_copy", "gzip_packed"];

/// What TDLib adds for disguise and for addresses of last resort; no link ever carries it.
const NOT_SERVICE: [&str; 4] = ["accessPointRule", "help.configSimple", "ipPort", "tls"];

/// TL text as it is.
pub(super) fn text(text: &str) -> io::Result<Vec<Definition>> {
    parse::schema(text).map_err(io::Error::other)
}

/// TL text within the first template string of a script.
pub(super) fn template(script: &str) -> io::Result<Vec<Definition>> {
    let schema = script.split('`').nth(1);
    text(schema.ok_or_else(|| io::Error::other("no template string in the script"))?)
}

/// The layer that a `// LAYER 230` comment names.
pub(super) fn layer_comment(text: &str) -> Option<u32> {
    let mut lines = text.lines();
    lines.find_map(|line| line.trim().strip_prefix("// LAYER")?.trim().parse().ok())
}

/// The layer that a script exports: `exports.LAYER = 198;`.
pub(super) fn layer_export(script: &str) -> Option<u32> {
    let mut lines = script.lines();
    lines.find_map(|line| {
        line.trim().strip_prefix("exports.LAYER = ")?.trim_end_matches(';').parse().ok()
    })
}

/// A layer and its definitions as `{l, e: [{kind, name, id, type, arguments}]}`.
///
/// Entries below `mtcute.` are that library's own and are left out.
pub(super) fn json(text: &str) -> io::Result<(u32, Vec<Definition>)> {
    let root: Value = serde_json::from_str(text)?;
    let layer = root["l"].as_u64().and_then(|layer| u32::try_from(layer).ok());
    let layer = layer.ok_or_else(|| io::Error::other("no layer number"))?;
    let entries = root["e"].as_array().ok_or_else(|| io::Error::other("no list of entries"))?;
    let ours = entries.iter().filter(|entry| {
        !string(entry, "name").starts_with("mtcute.") && !is_built_in(string(entry, "name"))
    });
    Ok((layer, ours.map(json_definition).collect::<io::Result<_>>()?))
}

/// An entry as a line of TL text, which the parser then reads.
fn json_definition(entry: &Value) -> io::Result<Definition> {
    let kind = if string(entry, "kind") == "method" { Kind::Function } else { Kind::Type };
    let id = entry["id"].as_u64().ok_or_else(|| io::Error::other("an entry without id"))?;
    let mut line = format!("{}#{id:x}", string(entry, "name"));
    if entry["generics"].as_array().is_some_and(|generics| !generics.is_empty()) {
        line.push_str(" {X:Type}");
    }
    for argument in entry["arguments"].as_array().into_iter().flatten() {
        let predicate = argument["typeModifiers"]["predicate"].as_str();
        let flag = predicate.map(|predicate| format!("{predicate}?")).unwrap_or_default();
        line.push_str(&format!(" {}:{flag}{}", string(argument, "name"), json_type(argument)));
    }
    line.push_str(&format!(" = {}", json_type(entry)));
    parse::definition(&line, kind).map_err(|reason| io::Error::other(format!("{line}: {reason}")))
}

fn json_type(value: &Value) -> String {
    let of = match string(value, "type") {
        "int53" => "long",
        of => of,
    };
    let modifiers = &value["typeModifiers"];
    if modifiers["isVector"] == true {
        format!("Vector<{of}>")
    } else if modifiers["isBareVector"] == true {
        format!("vector<{of}>")
    } else {
        of.to_owned()
    }
}

fn is_built_in(name: &str) -> bool {
    matches!(name, "boolTrue" | "boolFalse" | "true" | "vector")
}

fn string<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// Text of the service schema, without what is coded by hand.
pub(super) fn service(definitions: &[Definition]) -> String {
    let mut kind = Kind::Type;
    let mut out = String::new();
    for definition in definitions {
        let name = definition.name.to_string();
        if BY_HAND.contains(&name.as_str()) || NOT_SERVICE.iter().any(|n| name.starts_with(n)) {
            continue;
        }
        if kind != definition.kind {
            kind = definition.kind;
            out.push_str(if kind == Kind::Function {
                "---functions---\n"
            } else {
                "---types---\n"
            });
        }
        out.push_str(&format!("{};\n", with_padded_id(definition)));
    }
    out
}

fn with_padded_id(definition: &Definition) -> String {
    let short = format!("#{:x}", definition.id);
    definition.to_string().replacen(&short, &format!("#{:08x}", definition.id), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_forms_say_the_same() {
        let line =
            "inputUserFromMessage#1da448e2 peer:InputPeer msg_id:int user_id:long = InputUser";
        let script = format!("module.exports = `{line};\n`;");
        let object = r#"{"l": 7, "e": [{"kind": "class", "name": "inputUserFromMessage",
            "id": 497305826, "type": "InputUser", "arguments": [
                {"name": "peer", "type": "InputPeer"}, {"name": "msg_id", "type": "int"},
                {"name": "user_id", "type": "int53"}]}]}"#;
        let expected = text(line).unwrap();
        assert_eq!(template(&script).unwrap(), expected);
        assert_eq!(json(object).unwrap(), (7, expected));
    }

    #[test]
    fn the_layer_is_found() {
        assert_eq!(layer_comment("a\n// LAYER 152\n"), Some(152));
        assert_eq!(
            layer_export("exports.x = exports.LAYER = void 0;\nexports.LAYER = 9;"),
            Some(9)
        );
    }
}
