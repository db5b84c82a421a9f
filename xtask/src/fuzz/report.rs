//! What a fuzzer says of itself, read from its log.

use std::path::PathBuf;

/// The numbers that matter of one run.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Report {
    /// Inputs tried.
    pub(super) tries: u64,
    /// Edges that the corpus reached at the beginning.
    pub(super) edges_before: u64,
    /// Edges reached at the end.
    pub(super) edges: u64,
    /// Inputs that each reach something of their own.
    pub(super) inputs: u64,
    /// The input that something failed on.
    pub(super) artifact: Option<PathBuf>,
}

impl Report {
    /// Reads a log.
    pub(super) fn read(log: &str) -> Self {
        let mut report = Self::default();
        for line in log.lines() {
            if let Some(tries) = line.strip_prefix("stat::number_of_executed_units:") {
                report.tries = tries.trim().parse().unwrap_or(0);
            }
            if let Some((_, path)) = line.split_once("Test unit written to ") {
                report.artifact = Some(path.trim().into());
            }
            report.read_progress(line);
        }
        report
    }

    /// A line such as `#1024 INITED cov: 45 ft: 60 corp: 7/90b exec/s: 0 rss: 40Mb`.
    fn read_progress(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix('#') else { return };
        let mut words = rest.split_whitespace();
        let tries = words.next().and_then(|word| word.parse().ok());
        let (Some(tries), Some(event)) = (tries, words.next()) else { return };
        self.tries = tries;
        let value = |key: &str| {
            let at = line.split(key).nth(1)?;
            at.trim_start().split(|char: char| !char.is_ascii_digit()).next()?.parse().ok()
        };
        if let Some(edges) = value(" cov:") {
            self.edges = edges;
            if event == "INITED" {
                self.edges_before = edges;
            }
        }
        self.inputs = value(" corp:").unwrap_or(self.inputs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_tells_how_far_it_went() {
        let log = "INFO: seed corpus: files: 8\n\
                   #9\tINITED cov: 45 ft: 60 corp: 7/90b exec/s: 0 rss: 40Mb\n\
                   #20\tNEW    cov: 47 ft: 66 corp: 8/99b lim: 4 exec/s: 0 rss: 40Mb L: 9/9 MS: 1\n\
                   #3000\tDONE   cov: 51 ft: 99 corp: 12/1Kb lim: 4 exec/s: 300 rss: 41Mb\n\
                   stat::number_of_executed_units: 3001\n";
        let expected =
            Report { tries: 3001, edges_before: 45, edges: 51, inputs: 12, artifact: None };
        assert_eq!(Report::read(log), expected);
    }

    #[test]
    fn a_log_tells_what_failed() {
        let log = "#7\tpulse  cov: 3 ft: 3 corp: 1/1b\nartifact_prefix='a/'; Test unit written to a/crash-1\n";
        let report = Report::read(log);
        assert_eq!((report.tries, report.edges), (7, 3));
        assert_eq!(report.artifact, Some("a/crash-1".into()));
    }
}
