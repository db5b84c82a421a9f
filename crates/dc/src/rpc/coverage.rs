//! What is answered and what is not, for people who want to know before they try.

use std::collections::BTreeSet;

use super::{TABLES, canned};

/// How a method is answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Coverage {
    /// By a handler that does what the method says.
    Handled,
    /// By a constant: there is nothing of the kind in this cloud yet.
    Canned,
}

/// Every method that does not answer `METHOD_INVALID`, by its full name.
pub fn coverage() -> Vec<(&'static str, Coverage)> {
    // A table is a constant and so has no address to know it by; its names are its own.
    let canned: BTreeSet<&str> = canned::ROUTES.iter().map(|route| route.name).collect();
    let kind = |name| if canned.contains(name) { Coverage::Canned } else { Coverage::Handled };
    let routes = TABLES.iter().copied().flatten().map(|route| route.name);
    let mut all: Vec<_> = routes.map(|name| (name, kind(name))).collect();
    all.extend(crate::gateway::WRAPPERS.iter().map(|name| (*name, Coverage::Handled)));
    all.sort_unstable_by_key(|(name, _)| *name);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_told_from_handlers() {
        let all = coverage();
        let of =
            |wanted| all.iter().find(|(name, _)| *name == wanted).map(|(_, coverage)| *coverage);
        assert_eq!(of("messages.sendMessage"), Some(Coverage::Handled));
        assert_eq!(of("invokeWithLayer"), Some(Coverage::Handled));
        let canned = all.iter().filter(|(_, coverage)| *coverage == Coverage::Canned).count();
        assert_eq!(canned, canned::ROUTES.len());
        assert!(canned > 0);
    }

    #[test]
    fn no_method_is_in_two_tables() {
        let all = coverage();
        let twice: Vec<_> = all.windows(2).filter(|pair| pair[0].0 == pair[1].0).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }
}
