//! The words that people say, from which it can be told who said them, when, and what became of
//! them.

use heliogram_crypto::{Random as _, SeededRandom};

/// A message: the person who wrote it, and its number with them.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Line {
    pub(crate) person: u32,
    pub(crate) number: u32,
}

/// What a text of ours is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Words {
    /// A person's own, and how often it was changed.
    Said { line: Line, edits: u32 },
    /// A bot's answer to it.
    Heard(Line),
}

impl Words {
    /// As text.
    pub(crate) fn text(self) -> String {
        match self {
            Self::Said { line: Line { person, number }, edits } => {
                format!("{person} says {number} {edits}")
            }
            Self::Heard(Line { person, number }) => format!("{person} heard {number}"),
        }
    }

    /// From text, if it is of ours.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let person = words.next()?.parse().ok()?;
        let verb = words.next()?;
        let line = Line { person, number: words.next()?.parse().ok()? };
        match (verb, words.next()) {
            ("says", Some(edits)) => Some(Self::Said { line, edits: edits.parse().ok()? }),
            ("heard", None) => Some(Self::Heard(line)),
            _ => None,
        }
    }
}

/// The file that comes with a line, which whoever knows the line can tell from any other.
pub(crate) fn file(line: Line) -> Vec<u8> {
    let mut rng = SeededRandom::new(u64::from(line.person) << 32 | u64::from(line.number));
    let len = FILE_BYTES_MIN + rng.below(FILE_BYTES_MAX - FILE_BYTES_MIN);
    let mut bytes = vec![0; len as usize];
    rng.fill(&mut bytes);
    bytes
}

const FILE_BYTES_MIN: u64 = 2 << 10;
const FILE_BYTES_MAX: u64 = 32 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_can_be_read_back() {
        let line = Line { person: 7, number: 12 };
        for words in [Words::Said { line, edits: 3 }, Words::Heard(line)] {
            assert_eq!(Words::parse(&words.text()), Some(words));
        }
        for stranger in ["", "hello", "7 says 12", "7 heard 12 0", "x says 1 0"] {
            assert_eq!(Words::parse(stranger), None, "{stranger}");
        }
    }

    #[test]
    fn every_line_has_a_file_of_its_own() {
        let file_of = |number| file(Line { person: 1, number });
        assert_eq!(file_of(1), file_of(1));
        assert_ne!(file_of(1), file_of(2));
    }
}
