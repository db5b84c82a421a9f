//! What an act did, and whether that is bearable.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::ledger::Phase;

/// Everything that is known of one act.
pub(crate) struct Report {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    /// How many megabytes more than before it may take.
    pub(crate) memory_max: u64,
    /// Why it was more than an attack should be, if it was.
    pub(crate) fate: Option<String>,
    pub(crate) attempts: u64,
    pub(crate) got: BTreeMap<String, u64>,
    pub(crate) lasted: Duration,
    /// The server's megabytes: before, at most, and after.
    pub(crate) memory: [u64; 3],
    /// How many cores the server had busy.
    pub(crate) cores: f64,
    pub(crate) people: Honest,
    pub(crate) bots: Honest,
    /// Errors, warnings and panics in the server's log.
    pub(crate) complaints: Vec<String>,
}

/// How it was for those who are honest.
pub(crate) struct Honest {
    pub(crate) calm: Phase,
    pub(crate) attacked: Phase,
    pub(crate) lost: usize,
    pub(crate) refused: Vec<String>,
}

/// Under attack, messages may take so many times as long as in peace.
const SLOWER_MAX: u32 = 20;
/// That much is bearable in any case: half of them, and all but one in a hundred.
const BEARABLE: [Duration; 2] = [Duration::from_millis(250), Duration::from_millis(1500)];

impl Honest {
    /// What is not bearable, in words.
    fn grievances(&self, who: &str) -> Vec<String> {
        let mut grievances = Vec::new();
        if self.lost > 0 || !self.refused.is_empty() {
            let refused: Vec<_> = self.refused.iter().take(3).collect();
            let counts = (self.lost, self.refused.len());
            grievances.push(format!("{who}: {} lost, {} refused {refused:?}", counts.0, counts.1));
        }
        if self.attacked.len() == 0 {
            grievances.push(format!("{who}: nothing arrived at all"));
        }
        let medians = ("median", self.calm.median(), self.attacked.median(), BEARABLE[0]);
        let p99s = ("p99", self.calm.p99(), self.attacked.p99(), BEARABLE[1]);
        for (name, calm, attacked, bearable) in [medians, p99s] {
            if attacked > (calm * SLOWER_MAX).max(bearable) {
                grievances.push(format!("{who}: {name} of {attacked:.1?} instead of {calm:.1?}"));
            }
        }
        grievances
    }
}

impl Report {
    /// Whether the server kept its word.
    pub(crate) fn is_good(&self) -> bool {
        self.grievances().is_empty()
    }

    fn grievances(&self) -> Vec<String> {
        let mut grievances = self.people.grievances("people");
        grievances.extend(self.bots.grievances("bots"));
        let [before, peak, _] = self.memory;
        if peak > before + self.memory_max {
            grievances.push(format!("memory: {} MB more than before", peak - before));
        }
        if self.attempts == 0 {
            grievances.push("the act did not take place".to_owned());
        }
        let panicked = self.complaints.iter().filter(|line| line.contains("panicked"));
        grievances.extend(panicked.cloned());
        grievances.extend(self.fate.clone());
        grievances
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.name, self.what)?;
        let rate = self.attempts as f64 / self.lasted.as_secs_f64();
        let got: Vec<_> = self.got.iter().map(|(what, count)| format!("{what} {count}")).collect();
        writeln!(f, "  tried    {rate:.0} a second; {}", got.join(", "))?;
        let [before, peak, after] = self.memory;
        let max = before + self.memory_max;
        writeln!(f, "  memory   {before} MB before, {peak} at most, {after} after; bound {max}")?;
        writeln!(f, "  cpu      {:.2} cores", self.cores)?;
        for (who, honest) in [("people", &self.people), ("bots", &self.bots)] {
            let Honest { calm, attacked, lost, .. } = honest;
            let count = attacked.len();
            writeln!(f, "  {who:<8} calm {calm}, attacked {attacked}; {count} heard, {lost} lost")?;
        }
        for line in self.complaints.iter().take(3) {
            writeln!(f, "  log      {line}")?;
        }
        match &self.grievances()[..] {
            [] => write!(f, "  good"),
            grievances => write!(f, "  BAD      {}", grievances.join("\n           ")),
        }
    }
}
