//! The targets that nothing here measures, each with its reason.

use crate::Trouble;
use crate::row::Row;

/// Their numbers.
pub(super) const TARGETS: &[&str] = &["P19"];

/// Every one of them.
pub(super) fn rows() -> Result<Vec<Row>, Trouble> {
    Ok(ABSENT.iter().map(|(target, what, why)| Row::missing(target, what, why)).collect())
}

const ABSENT: &[(&str, &str, &str)] = &[(
    "P19",
    "Bot API against the official server",
    "the official server must be built, from sources that are not in any registry",
)];
