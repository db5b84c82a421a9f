//! When the story is over: what the client's log and the cloud's say of it, and which calls were made.

use std::collections::BTreeSet;
use std::fs;
use std::io;

use super::play::Outcome;
use super::steps::{CALLS, CALM_CLIENT, CALM_SERVER};
use super::theatre::Theatre;
use super::verdict::Verdict;
use crate::interop::record::Record;
use crate::interop::stranger::{Kind, Stranger};

/// How many lines of complaint a reason holds.
const LINES_SHOWN: usize = 3;

/// Looks at what was written; `judge` is asked about the calls. All actors have to be gone.
///
/// # Errors
/// If a log cannot be read.
pub(super) fn look(
    theatre: &Theatre,
    kind: Kind,
    judge: impl FnOnce(&Record) -> io::Result<Verdict>,
) -> io::Result<(Vec<Outcome>, Record)> {
    let log = fs::read_to_string(theatre.folder.join("server.log"))?;
    let record = Record::read(&log, kind);
    let faults: Vec<String> =
        log.lines().filter(|line| is_fault(line)).map(str::to_owned).collect();
    let outcomes = vec![
        Outcome { step: CALM_CLIENT, verdict: calm(&theatre.complaints()) },
        Outcome { step: CALM_SERVER, verdict: calm(&faults) },
        Outcome { step: CALLS, verdict: judge(&record)? },
    ];
    Ok((outcomes, record))
}

/// Whether a line of the cloud's log should not be there.
fn is_fault(line: &str) -> bool {
    [" ERROR ", " WARN ", "panicked"].iter().any(|sign| line.contains(sign))
}

fn calm(complaints: &[String]) -> Verdict {
    match complaints {
        [] => Verdict::Passed,
        some => {
            let shown = &some[..some.len().min(LINES_SHOWN)];
            Verdict::Failed(format!("{} complaints: {}", some.len(), shown.join(" | ")))
        }
    }
}

/// Compares what was not answered with what is known not to be. Only the whole story can tell that
/// something known is answered by now.
pub(super) fn calls(record: &Record, known: &BTreeSet<String>, is_whole: bool) -> Verdict {
    if record.is_empty() {
        return Verdict::Failed("the cloud's log tells of no calls".to_owned());
    }
    let found = record.unanswered();
    let news: Vec<&str> = found.difference(known).map(String::as_str).collect();
    if !news.is_empty() {
        return Verdict::Failed(format!("not answered: {}", news.join(", ")));
    }
    let old: Vec<&str> = known.difference(&found).map(String::as_str).collect();
    if is_whole && !old.is_empty() {
        return Verdict::Failed(format!("listed as unanswered and are not: {}", old.join(", ")));
    }
    match record.loops().as_slice() {
        [] => Verdict::Passed,
        loops => Verdict::Failed(format!("refused again and again: {}", loops.join(", "))),
    }
}

/// `unanswered.txt`: a name a line. No file, no names.
pub(super) fn known(stranger: &Stranger) -> io::Result<BTreeSet<String>> {
    match fs::read_to_string(stranger.folder.join("unanswered.txt")) {
        Ok(text) => Ok(names(&text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeSet::new()),
        Err(error) => Err(error),
    }
}

fn names(text: &str) -> BTreeSet<String> {
    let lines = text.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_and_warnings_of_the_cloud_are_faults() {
        assert!(is_fault("2026-11-21T04:34:08Z ERROR heliogram_dc::gateway: handler panicked"));
        assert!(is_fault(
            "2026-11-21T04:34:08Z  WARN heliogram_dc: a client's layer was not imported"
        ));
        assert!(is_fault("thread 'main' panicked at src/main.rs"));
        assert!(!is_fault(
            "2026-11-21T04:34:08Z DEBUG heliogram_dc: refused error=PHONE_CODE_INVALID"
        ));
    }

    #[test]
    fn calls_in_vain_are_known_or_wrong_and_what_is_known_is_called() {
        let log = "2026-11-21T04:34:08Z  WARN heliogram_dc::rpc::dispatch: method is not built method=\"a.b\"\n";
        let record = Record::read(log, Kind::Mtproto);
        let check = |record: &Record, known: &str| calls(record, &names(known), true);
        assert_eq!(check(&record, "a.b"), Verdict::Passed);
        assert!(check(&record, "").is_bad());
        assert!(check(&record, "a.b\na.c").is_bad());
        assert!(check(&Record::default(), "").is_bad());
    }

    #[test]
    fn names_stand_alone_and_comments_are_skipped() {
        let found = names("# why\nhelp.getFoo\n\n  help.getBar  \n");
        assert_eq!(found, BTreeSet::from(["help.getBar".to_owned(), "help.getFoo".to_owned()]));
    }
}
