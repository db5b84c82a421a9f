//! Several runs speak at once, so every line says whose it is.

use std::fs;
use std::path::Path;

/// How much of a cloud's log a failure shows.
const LOG_LINES_SHOWN: usize = 40;

/// What a run says on the terminal.
#[derive(Clone, Debug)]
pub(super) struct Voice {
    pub(super) name: String,
}

impl Voice {
    /// Says a line.
    pub(super) fn say(&self, line: &str) {
        println!("{}: {line}", self.name);
    }

    /// Shows the end of a cloud's log.
    pub(super) fn show_end(&self, log: &Path) {
        let text = fs::read_to_string(log).unwrap_or_else(|error| error.to_string());
        let lines: Vec<&str> = text.lines().collect();
        let mut shown = format!(".. the end of {}\n", log.display());
        for line in &lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..] {
            shown += &format!(".. {line}\n");
        }
        // In one go, so that other runs' lines stay out of it.
        print!("{shown}");
    }
}
