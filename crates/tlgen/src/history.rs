//! The history file: every definition of every imported layer, one line each.
//!
//! The left column names the layers, of those imported, in which an id is current, as comma
//! separated ranges with an open end for the newest: `146..195,202..`. An id fixes the byte layout
//! for ever, so one line per id is enough; `true` flags are the union over all layers of the id.
//! Lines that begin with `#` are the header: which layers were imported, and from where.

use std::collections::BTreeSet;
use std::fmt;

use crate::ast::{Definition, Kind};
use crate::parse::{self, ParseError};

/// One definition and the layers in which it is current.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// Sorted and disjoint ranges, both ends included; `None` is open.
    pub ranges: Vec<(u32, Option<u32>)>,
    /// The definition itself.
    pub definition: Definition,
}

/// The parsed history file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct History {
    /// The imported layers, ascending.
    pub layers: Vec<u32>,
    /// Header lines as they stand, without the leading `#`.
    pub header: Vec<String>,
    /// Every definition, types first.
    pub entries: Vec<Entry>,
}

impl Entry {
    /// Whether the definition is current in `layer`.
    pub fn is_current(&self, layer: u32) -> bool {
        self.ranges
            .iter()
            .any(|(first, last)| *first <= layer && last.is_none_or(|last| layer <= last))
    }
}

impl History {
    /// The newest imported layer.
    pub fn newest(&self) -> Option<u32> {
        self.layers.last().copied()
    }

    /// The definitions that are current in `layer`, in file order.
    pub fn of_layer(&self, layer: u32) -> impl Iterator<Item = &Definition> {
        self.entries
            .iter()
            .filter(move |entry| entry.is_current(layer))
            .map(|entry| &entry.definition)
    }

    /// The layers, of those imported, in which the definition is current.
    pub fn layers_of(&self, entry: &Entry) -> BTreeSet<u32> {
        self.layers.iter().copied().filter(|layer| entry.is_current(*layer)).collect()
    }

    /// Reads the file's text.
    ///
    /// # Errors
    /// The first line that does not follow the format.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let mut history = Self::default();
        let mut kind = Kind::Type;
        for (index, line) in text.lines().enumerate() {
            let fail = |reason: String| ParseError { line: index + 1, reason };
            if let Some(comment) = line.strip_prefix('#') {
                if let Some(layer) = comment.trim_start().strip_prefix("layer ") {
                    let number = layer.split_whitespace().next().unwrap_or_default();
                    history
                        .layers
                        .push(number.parse().map_err(|_| fail(format!("bad layer `{number}`")))?);
                }
                history.header.push(comment.to_owned());
            } else if line == "---functions---" {
                kind = Kind::Function;
            } else if !line.is_empty() {
                history.entries.push(entry(line, kind).map_err(fail)?);
            }
        }
        history.layers.sort_unstable();
        Ok(history)
    }
}

fn entry(line: &str, kind: Kind) -> Result<Entry, String> {
    let (ranges, text) =
        line.split_once(' ').ok_or_else(|| format!("no definition in `{line}`"))?;
    Ok(Entry {
        ranges: ranges.split(',').map(range).collect::<Result<_, _>>()?,
        definition: parse::definition(text, kind)?,
    })
}

fn range(text: &str) -> Result<(u32, Option<u32>), String> {
    let bad = || format!("bad layer range `{text}`");
    match text.split_once("..") {
        None => text.parse().map(|layer| (layer, Some(layer))).map_err(|_| bad()),
        Some((first, "")) => first.parse().map(|first| (first, None)).map_err(|_| bad()),
        Some((first, last)) => match (first.parse(), last.parse()) {
            (Ok(first), Ok(last)) => Ok((first, Some(last))),
            _ => Err(bad()),
        },
    }
}

/// The whole file, as [`History::parse`] reads it.
impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.header {
            writeln!(f, "#{line}")?;
        }
        let mut kind = Kind::Type;
        for entry in &self.entries {
            if kind != entry.definition.kind {
                kind = entry.definition.kind;
                writeln!(f, "---functions---")?;
            }
            writeln!(f, "{entry}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ranges: Vec<String> = self
            .ranges
            .iter()
            .map(|range| match range {
                (first, None) => format!("{first}.."),
                (first, Some(last)) if first == last => first.to_string(),
                (first, Some(last)) => format!("{first}..{last}"),
            })
            .collect();
        write!(f, "{:<15} {}", ranges.join(","), self.definition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_prints_as_it_was_read() {
        let text = "# layer 146\n# layer 230\n146..195,202..  phoneCallEmpty#5366c915 id:long = PhoneCall\n";
        let history = History::parse(text).unwrap();
        assert_eq!(history.layers, [146, 230]);
        assert_eq!(
            history.entries[0].to_string(),
            "146..195,202..  phoneCallEmpty#5366c915 id:long = PhoneCall"
        );
        assert!(history.entries[0].is_current(146) && !history.entries[0].is_current(200));
        assert!(history.entries[0].is_current(500));
    }
}
