//! Verifies a schema or a history with nothing but itself.

use std::collections::BTreeMap;

use crate::ast::{Definition, Kind, Name, Shape, Type};
use crate::crc;
use crate::history::History;

/// Definitions whose id was set by hand and follows no rule.
const IDS_BY_HAND: [(&str, u32); 6] = [
    ("accessPointRule", 0x4679_b65f),
    ("future_salts", 0xae50_0895),
    ("help.configSimple", 0x5a59_2a6c),
    ("inputPeerPhotoFileLocationLegacy", 0x27d6_9997),
    ("inputStickerSetThumbLegacy", 0x0dba_eae9),
    ("ipPortSecret", 0x3798_2646),
];

/// What is wrong with the ids of a schema: one sentence each.
pub fn ids<'a>(definitions: impl IntoIterator<Item = &'a Definition>) -> Vec<String> {
    let wrong = definitions.into_iter().filter(|definition| !is_right(definition));
    wrong
        .map(|definition| {
            format!(
                "{}#{:x} should have the id {:x}",
                definition.name,
                definition.id,
                crc::id_of(definition)
            )
        })
        .collect()
}

/// What is wrong with a history: one sentence each, none if all is well.
pub fn history(history: &History) -> Vec<String> {
    let mut faults = ids(history.entries.iter().map(|entry| &entry.definition));
    faults.extend(twins(history));
    for entry in &history.entries {
        let ends = entry.ranges.iter().map(|(first, last)| (*first, last.unwrap_or(u32::MAX)));
        if entry.ranges.is_empty()
            || !ends.clone().all(|(first, last)| first <= last)
            || !ends.clone().zip(ends.skip(1)).all(|(a, b)| a.1 < b.0)
        {
            faults.push(format!("the ranges of `{entry}` are not sorted and disjoint"));
        }
    }
    for layer in &history.layers {
        faults.extend(names(*layer, history));
    }
    faults
}

fn is_right(definition: &Definition) -> bool {
    crc::id_of(definition) == definition.id
        || IDS_BY_HAND.contains(&(definition.name.to_string().as_str(), definition.id))
}

fn twins(history: &History) -> Vec<String> {
    let mut seen = BTreeMap::new();
    let twins = history.entries.iter().filter_map(|entry| {
        let definition = &entry.definition;
        let other = seen.insert(definition.id, &definition.name)?;
        Some(format!("{other} and {} share the id {:x}", definition.name, definition.id))
    });
    twins.collect()
}

/// Within one layer a name means one definition, and every type that is used has a constructor.
fn names(layer: u32, history: &History) -> Vec<String> {
    let mut faults = Vec::new();
    let mut by_name: BTreeMap<(Kind, &Name), u32> = BTreeMap::new();
    let mut results = std::collections::BTreeSet::new();
    for definition in history.of_layer(layer) {
        let name = &definition.name;
        if let Some(other) = by_name.insert((definition.kind, name), definition.id) {
            faults
                .push(format!("layer {layer} has {name}#{other:x} and {name}#{:x}", definition.id));
        }
        if let (Kind::Type, Type::Named { name, .. }) = (definition.kind, &definition.result) {
            results.insert(name);
        }
    }
    for definition in history.of_layer(layer) {
        let fields = definition.fields.iter().filter_map(|field| match &field.shape {
            Shape::Flags => None,
            Shape::Required(of) | Shape::Optional { of, .. } => Some(of),
        });
        for of in fields.chain([&definition.result]) {
            match innermost(of) {
                Type::Named { name, bare: false } if !results.contains(name) => faults.push(
                    format!("layer {layer} uses {name} in {} and cannot make one", definition.name),
                ),
                _ => {}
            }
        }
    }
    faults
}

fn innermost(of: &Type) -> &Type {
    match of {
        Type::Vector { item, .. } => innermost(item),
        _ => of,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let parsed = History::parse(text).expect("the text parses");
        assert_eq!(history(&parsed), expected);
    }

    #[test]
    fn a_sound_history_has_no_faults() {
        check("# layer 1\n1.. inputPeerEmpty#7f3b18ea = InputPeer\n", &[]);
    }

    #[test]
    fn a_wrong_id_is_found() {
        check(
            "# layer 1\n1.. inputPeerEmpty#7f3b18eb = InputPeer\n",
            &["inputPeerEmpty#7f3b18eb should have the id 7f3b18ea"],
        );
    }

    #[test]
    fn ranges_must_be_sorted() {
        check(
            "# layer 1\n5..,1..3 inputPeerEmpty#7f3b18ea = InputPeer\n",
            &[
                "the ranges of `5..,1..3        inputPeerEmpty#7f3b18ea = InputPeer` are not sorted and disjoint",
            ],
        );
    }

    #[test]
    fn a_type_without_a_constructor_is_found() {
        check(
            "# layer 1\n---functions---\n1.. users.getMe = User\n",
            &["layer 1 uses User in users.getMe and cannot make one"],
        );
    }
}
