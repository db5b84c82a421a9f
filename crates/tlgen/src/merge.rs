//! Adds one layer to the history, and says what it changed.

use std::collections::BTreeSet;
use std::fmt;

use crate::ast::{Definition, Field, Name};
use crate::history::{Entry, History};

/// A layer that is about to be merged.
#[derive(Clone, Debug)]
pub struct Import {
    /// Its number.
    pub layer: u32,
    /// Where it comes from, as the header shall say: package, version, checksum.
    pub source: String,
    /// What is current in it.
    pub definitions: Vec<Definition>,
}

/// What one import changed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Changes {
    /// Definitions whose id the history did not know.
    pub added: Vec<String>,
    /// Definitions that gained `true` flags, or had one on another bit, which no checksum covers.
    pub widened: Vec<String>,
    /// How many definitions the layer shares with those known before.
    pub shared: usize,
}

/// An id that was known with other fields.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Conflict {
    /// The line of the history.
    pub known: String,
    /// The line of the import.
    pub found: String,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one id, two layouts:\n  known {}\n  found {}", self.known, self.found)
    }
}

impl std::error::Error for Conflict {}

/// Adds the layer; one that was imported before is replaced.
///
/// # Errors
/// An id that the history knows under another name, kind, result or field list. `true` flags may
/// differ: the union of them is kept, each on the bit that it has in the newest layer.
pub fn merge(history: &mut History, import: Import) -> Result<Changes, Conflict> {
    let mut changes = Changes::default();
    let mut current = layers_of_each(history);
    for layers in &mut current {
        layers.remove(&import.layer);
    }
    for definition in import.definitions {
        let known = history.entries.iter_mut().position(|e| e.definition.id == definition.id);
        match known {
            Some(index) => {
                let entry = &mut history.entries[index];
                let is_newer = current[index].last().is_none_or(|newest| *newest < import.layer);
                if widen(&mut entry.definition, &definition, is_newer)? {
                    changes.widened.push(entry.definition.to_string());
                }
                changes.shared += 1;
                current[index].insert(import.layer);
            }
            None => {
                changes.added.push(definition.to_string());
                history.entries.push(Entry { ranges: Vec::new(), definition });
                current.push(BTreeSet::from([import.layer]));
            }
        }
    }

    let title = format!(" layer {} ", import.layer);
    history.header.retain(|line| !line.starts_with(&title));
    history.header.push(format!("{title}{}", import.source));
    history.header.sort_by_key(|line| layer_of_header(line));
    if !history.layers.contains(&import.layer) {
        history.layers.push(import.layer);
        history.layers.sort_unstable();
    }
    for (entry, layers) in history.entries.iter_mut().zip(&current) {
        entry.ranges = ranges(&history.layers, layers);
    }
    history.entries.retain(|entry| !entry.ranges.is_empty());
    history.entries.sort_by_cached_key(order);
    Ok(changes)
}

fn layers_of_each(history: &History) -> Vec<BTreeSet<u32>> {
    history.entries.iter().map(|entry| history.layers_of(entry)).collect()
}

fn layer_of_header(line: &str) -> Option<u32> {
    line.trim_start().strip_prefix("layer ")?.split_whitespace().next()?.parse().ok()
}

/// Sorted by kind, result type, name and first layer, so that versions stand together.
fn order(entry: &Entry) -> impl Ord + use<> {
    let Definition { kind, name, id, result, .. } = &entry.definition;
    (*kind, result.to_string(), Name::clone(name), entry.ranges.first().copied(), *id)
}

/// Runs of neighbouring imported layers; open if the run includes the newest.
fn ranges(imported: &[u32], current: &BTreeSet<u32>) -> Vec<(u32, Option<u32>)> {
    imported
        .chunk_by(|a, b| current.contains(a) == current.contains(b))
        .filter(|run| run.first().is_some_and(|layer| current.contains(layer)))
        .filter_map(|run| Some((*run.first()?, *run.last()?)))
        .map(|(first, last)| (first, (Some(&last) != imported.last()).then_some(last)))
        .collect()
}

/// Takes over the `true` flags that only `found` has, and if it is newer, the bits that it has them
/// on. Answers whether anything changed.
fn widen(known: &mut Definition, found: &Definition, is_newer: bool) -> Result<bool, Conflict> {
    let conflict = || Conflict { known: known.to_string(), found: found.to_string() };
    if known.name != found.name
        || known.kind != found.kind
        || known.result.to_string() != found.result.to_string()
        || !hashed(known).eq(hashed(found))
    {
        return Err(conflict());
    }
    let mut fields = known.fields.clone();
    for (index, flag) in found.fields.iter().enumerate() {
        if !flag.is_true_flag() || fields.contains(flag) {
            continue;
        }
        if fields.iter().any(|field| field.is_true_flag() && field.shape == flag.shape) {
            return Err(conflict());
        }
        if let Some(same) = fields.iter_mut().find(|field| field.name == flag.name) {
            // A flag that was published on the wrong bit and moved: the id did not notice.
            if is_newer {
                same.shape = flag.shape.clone();
            }
            continue;
        }
        let before = index.checked_sub(1).and_then(|index| found.fields.get(index));
        let place = fields.iter().position(|field| Some(field) == before).map_or(0, |at| at + 1);
        fields.insert(place, flag.clone());
    }
    let is_changed = fields != known.fields;
    known.fields = fields;
    Ok(is_changed)
}

fn hashed(definition: &Definition) -> impl Iterator<Item = &Field> {
    definition.fields.iter().filter(|field| !field.is_true_flag())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    fn import(history: &mut History, layer: u32, schema: &str) -> Result<Changes, Conflict> {
        let definitions = parse::schema(schema).expect("the schema parses");
        merge(history, Import { layer, source: "a 1.0".to_owned(), definitions })
    }

    const OLD: &str = "b#1 flags:# x:flags.0?true = B\na#2 x:int = A";

    #[test]
    fn ranges_follow_the_imported_layers() {
        let mut history = History::default();
        import(&mut history, 10, OLD).unwrap();
        import(&mut history, 30, "a#2 x:int = A\nb#3 y:int = B").unwrap();
        import(&mut history, 20, "a#2 x:int = A\nb#3 y:int = B").unwrap();
        import(&mut history, 40, OLD).unwrap();
        assert_eq!(
            history.to_string(),
            "# layer 10 a 1.0\n# layer 20 a 1.0\n# layer 30 a 1.0\n# layer 40 a 1.0\n\
             10..            a#2 x:int = A\n\
             10,40..         b#1 flags:# x:flags.0?true = B\n\
             20..30          b#3 y:int = B\n"
        );
        assert_eq!(History::parse(&history.to_string()).as_ref(), Ok(&history));
    }

    #[test]
    fn a_layer_imported_again_replaces_itself() {
        let mut history = History::default();
        import(&mut history, 10, OLD).unwrap();
        import(&mut history, 10, "a#2 x:int = A").unwrap();
        assert_eq!(history.to_string(), "# layer 10 a 1.0\n10..            a#2 x:int = A\n");
    }

    #[test]
    fn true_flags_are_united() {
        let mut history = History::default();
        import(&mut history, 10, OLD).unwrap();
        let changes =
            import(&mut history, 20, "b#1 flags:# x:flags.0?true y:flags.3?true = B").unwrap();
        assert_eq!(changes.widened, ["b#1 flags:# x:flags.0?true y:flags.3?true = B"]);
    }

    #[test]
    fn a_flag_that_moved_is_where_the_newest_layer_has_it() {
        let moved = "b#1 flags:# x:flags.5?true = B";
        let after = "# layer 10 a 1.0\n# layer 20 a 1.0\n\
                     10..            b#1 flags:# x:flags.5?true = B\n";
        let still = "b#1 flags:# x:flags.0?true = B";
        for order in [[(10, still), (20, moved)], [(20, moved), (10, still)]] {
            let mut history = History::default();
            for (layer, schema) in order {
                import(&mut history, layer, schema).unwrap();
            }
            assert_eq!(history.to_string(), after);
        }
    }

    #[test]
    fn an_id_with_two_layouts_is_refused() {
        let mut history = History::default();
        import(&mut history, 10, OLD).unwrap();
        assert!(import(&mut history, 20, "a#2 x:long = A").is_err());
        assert!(import(&mut history, 20, "c#2 x:int = A").is_err());
        assert!(import(&mut history, 20, "b#1 flags:# z:flags.0?true = B").is_err());
    }
}
