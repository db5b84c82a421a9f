//! What a step came to, in the light of what the manifest says the client cannot do.

use std::fmt::Debug;

use crate::interop::actor::{Told, Trouble};

/// How a step went.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::interop) enum Verdict {
    Passed,
    /// With the reason.
    Failed(String),
    /// The client has no such thing, for the manifest's reason.
    Cannot(String),
    /// A step before it failed, without which this one makes no sense.
    Untried,
}

impl Verdict {
    /// Judges a step. An excuse covers what a client lacks, and nothing else; one that is not needed
    /// is as wrong as one that is missing.
    pub(super) fn of(told: Told<()>, excuse: Option<&str>) -> Self {
        match (told, excuse) {
            (Ok(()), None) => Self::Passed,
            (Ok(()), Some(excuse)) => {
                Self::Failed(format!("it works, and the manifest says: {excuse}"))
            }
            (Err(Trouble::Cannot(_) | Trouble::Unheard(_)), Some(excuse)) => {
                Self::Cannot(excuse.to_owned())
            }
            (Err(Trouble::Cannot(why)), None) => {
                Self::Failed(format!("the manifest does not know that it cannot: {why}"))
            }
            (Err(trouble), _) => Self::Failed(trouble.to_string()),
        }
    }

    /// Whether the run is spoilt.
    pub(in crate::interop) fn is_bad(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Untried)
    }
}

/// Insists that what was found is what was wanted.
pub(super) fn expect<T: Debug + PartialEq>(found: T, wanted: T, what: &str) -> Told<()> {
    require(found == wanted, || format!("{what}: found {found:?}, wanted {wanted:?}"))
}

/// Insists on a condition.
pub(super) fn require(condition: bool, what: impl FnOnce() -> String) -> Told<()> {
    if condition { Ok(()) } else { Err(Trouble::Wrong(what())) }
}

/// Insists on a refusal with a certain error.
pub(super) fn refused<T: Debug>(told: Told<T>, wanted: &str, what: &str) -> Told<()> {
    match told {
        Err(Trouble::Refused(error)) => expect(error.as_str(), wanted, what),
        Err(trouble) => Err(trouble),
        Ok(answer) => Err(Trouble::Wrong(format!("{what}: accepted with {answer:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excuse_covers_what_is_missing_and_nothing_else() {
        let cannot = || Err(Trouble::Cannot("no such method".to_owned()));
        let unheard = || Err(Trouble::Unheard("a name".to_owned()));
        let refused = || Err(Trouble::Refused("PEER_ID_INVALID".to_owned()));
        let check = Verdict::of;
        assert_eq!(check(Ok(()), None), Verdict::Passed);
        assert!(check(Ok(()), Some("because")).is_bad());
        assert!(check(cannot(), None).is_bad());
        assert_eq!(check(cannot(), Some("because")), Verdict::Cannot("because".to_owned()));
        assert!(check(unheard(), None).is_bad());
        assert_eq!(check(unheard(), Some("because")), Verdict::Cannot("because".to_owned()));
        assert!(check(refused(), Some("because")).is_bad());
    }

    #[test]
    fn a_refusal_has_to_be_the_right_one() {
        let told = |error: &str| Err::<(), _>(Trouble::Refused(error.to_owned()));
        assert!(refused(told("A"), "A", "it").is_ok());
        assert!(refused(told("B"), "A", "it").is_err());
        assert!(refused(Ok(()), "A", "it").is_err());
    }
}
