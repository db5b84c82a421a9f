//! Which errors exist, which of them a method may give, and who may call it.
//!
//! Names and numbers are kept; the package's sentences are not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;

use serde_json::{Map, Value};

/// The text of `errors.txt`: `code NAME` lines, then `method: NAME NAME; user-only` lines.
pub(super) fn facts(json: &str) -> io::Result<String> {
    let root: Value = serde_json::from_str(json)?;
    let mut out = String::new();
    let mut errors = BTreeSet::new();
    for (name, error) in object(&root, "errors")? {
        let code =
            error["code"].as_i64().ok_or_else(|| io::Error::other("an error without code"))?;
        errors.insert((code, name.replace("%d", "X")));
    }
    for (code, name) in errors {
        let _ = writeln!(out, "{code} {name}");
    }

    let mut methods: BTreeMap<&str, (Vec<String>, Option<&str>)> = BTreeMap::new();
    for (method, throws) in object(&root, "throws")? {
        let names = throws.as_array().into_iter().flatten().filter_map(Value::as_str);
        let mut names: Vec<String> = names.map(|name| name.replace("%d", "X")).collect();
        names.sort_unstable();
        methods.entry(method).or_default().0 = names;
    }
    for (key, caller) in [("userOnly", "user-only"), ("botOnly", "bot-only")] {
        for method in object(&root, key)?.keys() {
            methods.entry(method).or_default().1 = Some(caller);
        }
    }
    for (method, (names, caller)) in methods {
        let _ = write!(out, "{method}:");
        for name in names {
            let _ = write!(out, " {name}");
        }
        let _ = match caller {
            Some(caller) => writeln!(out, "; {caller}"),
            None => writeln!(out),
        };
    }
    Ok(out)
}

fn object<'a>(root: &'a Value, key: &str) -> io::Result<&'a Map<String, Value>> {
    root[key].as_object().ok_or_else(|| io::Error::other(format!("no object `{key}`")))
}

#[cfg(test)]
mod tests {
    #[test]
    fn facts_are_kept_and_sentences_dropped() {
        let json = r#"{
            "errors": {"FLOOD_WAIT_%d": {"code": 420, "description": "Wait."}, "A": {"code": 400}},
            "throws": {"x.y": ["FLOOD_WAIT_%d", "A"]},
            "userOnly": {"x.y": 1}, "botOnly": {"b": 1}}"#;
        assert_eq!(
            super::facts(json).unwrap(),
            "400 A\n420 FLOOD_WAIT_X\nb:; bot-only\nx.y: A FLOOD_WAIT_X; user-only\n"
        );
    }
}
