//! What became of it all.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::time::Duration;

use super::Struck;
use super::rage::{Heard, Line};

/// What a storm did, and whether anything was lost in it.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// How many sessions there were.
    pub sessions: usize,
    /// How many people.
    pub people: usize,
    /// How many connections broke.
    pub struck: Struck,
    /// How many messages were acknowledged to those who wrote them.
    pub acknowledged: usize,
    /// What writers were told instead.
    pub refused: Vec<String>,
    /// How many times a session had to hear a message.
    pub heard: usize,
    /// How many messages had to be in histories.
    pub written: usize,
    /// How many messages are not where they had to be.
    pub missing: usize,
    /// How many are somewhere more than once.
    pub doubled: usize,
    /// How many came after one that is younger.
    pub disordered: usize,
    /// How long after the storm nobody missed anything any more; nothing, if somebody still does.
    pub recovered: Option<Duration>,
    /// The first few things that are wrong, in words.
    pub faults: Vec<String>,
}

impl Verdict {
    /// Whether everything that was acknowledged is everywhere, once, and in order, and nobody was
    /// refused anything.
    pub fn is_good(&self) -> bool {
        self.recovered.is_some()
            && self.acknowledged > 0
            && self.refused.is_empty()
            && self.faults.is_empty()
    }

    /// Compares what has to be in a place with what is there.
    pub(super) fn count(&mut self, place: &str, expected: &HashSet<Line>, found: &[Line]) {
        let (missing, doubled) = compare(expected, found);
        for line in missing {
            self.missing += 1;
            self.fault(format!("{place}: {line:?} is missing"));
        }
        for (line, count) in doubled {
            self.doubled += 1;
            self.fault(format!("{place}: {line:?} is there {count} times"));
        }
    }

    pub(super) fn fault(&mut self, fault: String) {
        if self.faults.len() < FAULTS_SHOWN {
            self.faults.push(fault);
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Struck { cut, torn, silenced } = self.struck;
        writeln!(f, "sessions     {} of {} people", self.sessions, self.people)?;
        writeln!(
            f,
            "broken       {} connections: {cut} cut, {torn} torn, {silenced} silenced",
            self.struck.total()
        )?;
        writeln!(
            f,
            "messages     {} acknowledged, {} refused",
            self.acknowledged,
            self.refused.len()
        )?;
        writeln!(f, "handlers     {} deliveries due", self.heard)?;
        writeln!(f, "histories    {} entries due", self.written)?;
        writeln!(
            f,
            "wrong        {} missing, {} doubled, {} out of order",
            self.missing, self.doubled, self.disordered
        )?;
        match self.recovered {
            Some(after) => write!(f, "recovered    {:.1} s after it", after.as_secs_f64())?,
            None => write!(f, "recovered    not everybody")?,
        }
        for line in self.refused.iter().take(FAULTS_SHOWN).chain(&self.faults) {
            write!(f, "\n  {line}")?;
        }
        Ok(())
    }
}

/// Which lines of `expected` are missing in `found`, and which are there more than once, and how
/// often.
pub(crate) fn compare(expected: &HashSet<Line>, found: &[Line]) -> (Vec<Line>, Vec<(Line, usize)>) {
    let mut times: HashMap<Line, usize> = HashMap::new();
    for line in found {
        *times.entry(*line).or_default() += 1;
    }
    let missing = expected.iter().filter(|line| !times.contains_key(line)).copied().collect();
    let doubled = times.iter().filter(|(_, count)| **count > 1);
    let doubled = doubled.map(|(line, count)| (*line, *count)).collect();
    (missing, doubled)
}

/// The messages that came after a younger one of the same chat: their ids, and the younger ones'.
pub(crate) fn disorder(heard: &[Heard]) -> Vec<(Line, i32, i32)> {
    let mut last: HashMap<i64, i32> = HashMap::new();
    let mut late = Vec::new();
    for Heard { line, chat, id } in heard {
        if let Some(before) = last.insert(*chat, *id).filter(|before| before >= id) {
            late.push((*line, *id, before));
        }
    }
    late
}

/// How many faults are kept in words.
const FAULTS_SHOWN: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(expected: &[Line], found: &[Line]) -> (usize, usize) {
        let mut verdict = Verdict::default();
        verdict.count("here", &expected.iter().copied().collect(), found);
        (verdict.missing, verdict.doubled)
    }

    #[test]
    fn what_is_missing_and_what_is_doubled_is_counted() {
        assert_eq!(counted(&[(0, 1), (0, 2)], &[(0, 2), (0, 1)]), (0, 0));
        assert_eq!(counted(&[(0, 1), (0, 2)], &[(0, 2)]), (1, 0));
        // Something that was never acknowledged may be there, once.
        assert_eq!(counted(&[(0, 1)], &[(0, 1), (0, 3), (0, 3)]), (0, 1));
    }

    #[test]
    fn a_storm_in_which_nothing_was_said_proves_nothing() {
        let good =
            Verdict { acknowledged: 1, recovered: Some(Duration::ZERO), ..Verdict::default() };
        assert!(good.is_good());
        assert!(!Verdict { acknowledged: 0, ..good.clone() }.is_good());
        assert!(!Verdict { recovered: None, ..good.clone() }.is_good());
        assert!(!Verdict { faults: vec!["lost".to_owned()], ..good }.is_good());
    }
}
