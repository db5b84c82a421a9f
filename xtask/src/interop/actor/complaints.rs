//! What a client's own log complains of. Loggers differ; their words for trouble do not.

use std::fs;
use std::path::Path;

/// What marks a line as an error or a warning, in the logs of Python, Node and Rust.
const SIGNS: &[&str] = &[
    "ERROR",
    "WARN",
    "CRITICAL",
    "FATAL",
    "Traceback",
    "Error:",
    "Warning",
    "Exception",
    "[ERR]",
    "[WRN]",
    "error:",
    "never awaited",
    "Unhandled",
    "panicked",
];

/// The errors and warnings of a log; a log that is not there has none.
pub(in crate::interop) fn complaints(log: &Path) -> Vec<String> {
    let text = fs::read_to_string(log).unwrap_or_default();
    text.lines().filter(|line| is_complaint(line)).map(str::to_owned).collect()
}

fn is_complaint(line: &str) -> bool {
    SIGNS.iter().any(|sign| line.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_and_warnings_are_complaints_and_chatter_is_not() {
        for line in [
            "WARNING telethon.network: lost",
            "Traceback (most recent call last):",
            "ValueError: no",
            "thread 'main' panicked at src/main.rs",
            "[2026-11-21T05:00:00] [WARN] - [Connection lost]",
        ] {
            assert!(is_complaint(line), "{line}");
        }
        for line in ["INFO connected", "", "[2026] connection closed"] {
            assert!(!is_complaint(line), "{line}");
        }
    }
}
