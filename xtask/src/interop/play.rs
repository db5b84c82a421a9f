//! One script on the stage: its surroundings, its lines, its end.
//!
//! The script is told everything by its environment and says everything on standard output, a line
//! each: `ok STEP`, `not ok STEP: REASON`, and `@crash`, which asks to have the cloud killed and
//! started again and is answered with a line on its standard input. Everything else is chatter.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::cast::{self, ALICE, BOB, BOT, CAROL};
use super::cloud::Cloud;
use super::install::Installed;
use super::stage::Stage;
use super::stranger::Run;
use super::voice::Voice;

/// How many steps went which way.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) passed: usize,
    pub(super) failed: usize,
}

impl Tally {
    /// Whether something was tried and nothing went wrong.
    pub(super) fn is_good(&self) -> bool {
        self.passed > 0 && self.failed == 0
    }

    fn count(&mut self, line: &str) {
        if line.starts_with("ok ") {
            self.passed += 1;
        } else if line.starts_with("not ok ") {
            self.failed += 1;
        }
    }
}

/// Runs one script against a new cloud and counts its steps.
///
/// # Errors
/// If the cloud does not start, or if the script ends badly without saying which step is to blame.
pub(super) fn play(
    stage: &Stage,
    run: &Run,
    installed: &Installed,
    voice: &Voice,
) -> io::Result<Tally> {
    let claim = stage.fresh_folder(voice)?;
    let outcome = perform(stage, run, installed, &claim.folder, voice);
    if !outcome.as_ref().is_ok_and(Tally::is_good) {
        voice.show_end(&claim.folder.join("server.log"));
    }
    outcome
}

fn perform(
    stage: &Stage,
    run: &Run,
    installed: &Installed,
    folder: &Path,
    voice: &Voice,
) -> io::Result<Tally> {
    let log = folder.join("server.log");
    let mut cloud = Cloud::start(&stage.heliogram, &run.flags, &[], &log)?;
    let token = cast::gather(&cloud)?;
    let mut script = installed
        .command(&run.script)
        .args(&run.arguments)
        .current_dir(folder)
        .envs(surroundings(stage, &cloud, &token))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let deadline = Instant::now() + Duration::from_secs(run.seconds_max);
    let heard = listen(&mut script, &mut cloud, folder, voice, deadline);
    let status = end(&mut script, heard.is_ok())?;
    let tally = heard?;
    if !status.success() && tally.failed == 0 {
        return Err(io::Error::other(format!("the script ended with {status}")));
    }
    Ok(tally)
}

fn surroundings(stage: &Stage, cloud: &Cloud, token: &str) -> Vec<(&'static str, String)> {
    let key: PathBuf = cloud.data().join("server.pub.pem");
    vec![
        ("STAGE_HELIOGRAM", stage.heliogram.display().to_string()),
        ("STAGE_DATA", cloud.data().display().to_string()),
        ("STAGE_HOST", cloud.listen().ip().to_string()),
        ("STAGE_PORT", cloud.listen().port().to_string()),
        ("STAGE_DC_ID", "2".to_owned()),
        ("STAGE_KEY", key.display().to_string()),
        ("STAGE_BOT_API", format!("http://{}", cloud.bot_api())),
        ("STAGE_ALICE", ALICE.phone.to_owned()),
        ("STAGE_BOB", BOB.phone.to_owned()),
        ("STAGE_CAROL", CAROL.to_owned()),
        ("STAGE_BOT_USERNAME", BOT[1].to_owned()),
        ("STAGE_BOT_TOKEN", token.to_owned()),
    ]
}

/// Hears the script out.
fn listen(
    script: &mut Child,
    cloud: &mut Cloud,
    folder: &Path,
    voice: &Voice,
    deadline: Instant,
) -> io::Result<Tally> {
    let mut answers = script.stdin.take().expect("standard input is piped: asked for in perform");
    let stdout = script.stdout.take().expect("standard output is piped: asked for in perform");
    let (said, lines) = mpsc::channel();
    std::thread::spawn(move || {
        BufReader::new(stdout).lines().map_while(Result::ok).try_for_each(|line| said.send(line))
    });
    let mut transcript = File::create(folder.join("script.log"))?;
    let mut tally = Tally::default();
    loop {
        match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                voice.say(&line);
                writeln!(transcript, "{line}")?;
                tally.count(&line);
                if line == "@crash" {
                    cloud.crash()?;
                    writeln!(answers, "back")?;
                }
            }
            Err(RecvTimeoutError::Disconnected) => return Ok(tally),
            Err(RecvTimeoutError::Timeout) => return Err(io::Error::other("out of time")),
        }
    }
}

/// Waits for a script that has said its last line, or ends one that has not.
fn end(script: &mut Child, is_done: bool) -> io::Result<ExitStatus> {
    if !is_done {
        script.kill()?;
    }
    script.wait()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.count(line));
        tally
    }

    #[test]
    fn steps_are_counted_and_chatter_is_not() {
        let tally = tally(&["connecting", "ok login", "not ok edit: too late", "okay", "ok read"]);
        assert_eq!((tally.passed, tally.failed), (2, 1));
    }

    #[test]
    fn a_run_that_tries_nothing_is_no_success() {
        assert!(!Tally::default().is_good());
        assert!(tally(&["ok login"]).is_good());
        assert!(!tally(&["ok login", "not ok edit: too late"]).is_good());
    }
}
