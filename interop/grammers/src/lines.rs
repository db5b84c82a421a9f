//! Lines in, lines out.

use serde_json::{Value, json};

use crate::trouble::{Told, Trouble};

/// What library this is.
const VERSION: &str = "0.11.0";

/// Says who this is.
pub fn say_ready() {
    let layer = grammers_tl_types::LAYER;
    say(&json!({ "ready": { "client": "grammers", "version": VERSION, "layer": layer } }));
}

/// An order and its number.
pub fn order(line: &str) -> (Value, Value) {
    let order: Value = serde_json::from_str(line).unwrap_or_default();
    (order["id"].clone(), order)
}

/// Says what came of an order.
pub fn say_told(id: Value, told: Told) {
    say(&match told {
        Ok(value) => json!({ "id": id, "ok": value }),
        Err(Trouble::Refused(error)) => json!({ "id": id, "error": error }),
        Err(Trouble::Cannot(why)) => json!({ "id": id, "cannot": why }),
    });
}

/// Says what happened without being asked for.
pub fn say_event(name: &str, mut details: Value) {
    details["event"] = name.into();
    say(&details);
}

fn say(line: &Value) {
    println!("{line}");
}
