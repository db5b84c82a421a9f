//! How often it crashes, and what came of it.

use std::fmt;
use std::time::Duration;

/// The size of a crash test.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How often the server is killed.
    pub kills: usize,
    /// How many people there are; each talks with two neighbours, so at least three.
    pub people: usize,
    /// How many sessions each of them has.
    pub sessions_each: usize,
    /// The longest time between a start and the kill, in milliseconds.
    pub load_ms_max: u64,
    /// How long a session is silent on average between two deeds.
    pub pause: Duration,
    /// After how many kills everything is looked at, and not only what is new.
    pub whole_every: usize,
    /// Where chance comes from.
    pub seed: u64,
}

/// What happened, and whether anything was lost by it.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How often the server was killed.
    pub kills: usize,
    /// Messages that were acknowledged.
    pub sent: usize,
    /// Edits that were acknowledged.
    pub edited: usize,
    /// Deletions that were acknowledged.
    pub deleted: usize,
    /// Read marks that were acknowledged.
    pub read: usize,
    /// Parts of files that were acknowledged.
    pub parts: usize,
    /// Messages sent once more under the same `random_id`.
    pub repeated: usize,
    /// Logins that were made under way.
    pub logins: usize,
    /// How long each start took until the server was ready.
    pub starts: Vec<Duration>,
    /// The first few things that are wrong, in words.
    pub faults: Vec<String>,
}

impl Report {
    /// Whether something was acknowledged, and all of it was kept.
    pub fn is_good(&self) -> bool {
        self.faults.is_empty() && self.sent > 0
    }

    pub(super) fn fault(&mut self, fault: impl Into<String>) {
        if self.faults.len() < FAULTS_SHOWN {
            self.faults.push(fault.into());
        }
    }

    /// The start that took longest, of those behind the share `share` of all.
    fn start_at(&self, share: f64) -> Duration {
        let mut starts = self.starts.clone();
        starts.sort();
        let last = starts.len().saturating_sub(1) as f64;
        starts.get((last * share) as usize).copied().unwrap_or_default()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "kills        {}", self.kills)?;
        writeln!(f, "messages     {} acknowledged, {} repeated", self.sent, self.repeated)?;
        writeln!(
            f,
            "changes      {} edits, {} deletions, {} reads",
            self.edited, self.deleted, self.read
        )?;
        writeln!(f, "files        {} parts", self.parts)?;
        writeln!(f, "logins       {}", self.logins)?;
        write!(
            f,
            "starts       {} ms at the median, {} ms at most",
            self.start_at(0.5).as_millis(),
            self.start_at(1.0).as_millis()
        )?;
        self.faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

/// How many faults are kept in words.
const FAULTS_SHOWN: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_under_which_nothing_was_said_proves_nothing() {
        assert!(!Report::default().is_good());
        let mut report = Report { sent: 1, ..Report::default() };
        assert!(report.is_good());
        report.fault("lost");
        assert!(!report.is_good());
    }

    #[test]
    fn the_middle_of_all_starts_is_shown() {
        let starts = [5, 1, 9].map(Duration::from_millis).to_vec();
        let report = Report { starts, ..Report::default() };
        assert!(report.to_string().contains("5 ms at the median, 9 ms at most"), "{report}");
    }
}
