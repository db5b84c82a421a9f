//! What is answered and what is not, for people who want to know before they try.

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
    let kind = |table: &'static [super::Route]| {
        if std::ptr::eq(table, canned::ROUTES) { Coverage::Canned } else { Coverage::Handled }
    };
    let mut all: Vec<_> = TABLES
        .iter()
        .flat_map(|table| table.iter().map(move |route| (route.name, kind(table))))
        .collect();
    all.extend(crate::gateway::WRAPPERS.iter().map(|name| (*name, Coverage::Handled)));
    all.sort_unstable_by_key(|(name, _)| *name);
    all
}
