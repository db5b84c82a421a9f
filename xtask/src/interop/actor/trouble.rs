//! Why a step did not go as it should. The kinds matter: a manifest may excuse what a library lacks,
//! and nothing else.

use std::fmt;

/// What an actor made of an order, or what came of waiting for it.
pub(in crate::interop) type Told<T> = Result<T, Trouble>;

/// Why not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::interop) enum Trouble {
    /// The server refused, by its error's name; or the library did, in its own words.
    Refused(String),
    /// The library has no such thing.
    Cannot(String),
    /// Something that had to be heard of was not, in time.
    Unheard(String),
    /// Anything else: a wrong answer, no answer, an actor that is gone.
    Wrong(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => write!(f, "refused with {error}"),
            Self::Cannot(why) => write!(f, "cannot: {why}"),
            Self::Unheard(what) => write!(f, "never heard: {what}"),
            Self::Wrong(what) => f.write_str(what),
        }
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::Wrong(error.to_string())
    }
}
