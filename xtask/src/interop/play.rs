//! One script on the stage: its surroundings, its lines, its end.
//!
//! The script is told everything by its environment and says everything on standard output, a line
//! each: `ok STEP`, `not ok STEP: REASON`, and `@crash`, which asks to have the cloud killed and
//! started again and is answered with a line on its standard input. Everything else is chatter.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::cloud::Cloud;
use super::stranger::{Run, Stranger};
use super::task::Stage;

/// The people everybody meets. `interop/SCENARIO.md` introduces them.
const ALICE: [&str; 3] = ["+9996621111", "Alice", "alice"];
const BOB: [&str; 3] = ["+9996632222", "Bob", "bobby"];
/// The number nobody has yet.
const CAROL: &str = "+9996643333";
const BOT: [&str; 2] = ["Echo", "echo_stage_bot"];

/// How much of the cloud's log a failure shows.
const LOG_LINES_SHOWN: usize = 60;

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
    stranger: &Stranger,
    run: &Run,
    python: &Path,
) -> io::Result<Tally> {
    let folder = stage.folder.join(&stranger.name).join(&run.name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let log = folder.join("server.log");
    let outcome = perform(stage, stranger, run, python, &folder, &log);
    if !outcome.as_ref().is_ok_and(Tally::is_good) {
        show_end(&log);
    }
    outcome
}

fn perform(
    stage: &Stage,
    stranger: &Stranger,
    run: &Run,
    python: &Path,
    folder: &Path,
    log: &Path,
) -> io::Result<Tally> {
    let mut cloud = Cloud::start(&stage.heliogram, &run.flags, log)?;
    let token = gather(&cloud)?;
    let mut script = Command::new(python)
        .arg("-u")
        .arg(stranger.folder.join(&run.script))
        .args(&run.arguments)
        .current_dir(folder)
        .envs(surroundings(stage, &cloud, stranger, &token))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let deadline = Instant::now() + Duration::from_secs(run.seconds_max);
    let heard = listen(&mut script, &mut cloud, folder, deadline);
    let status = end(&mut script, heard.is_ok())?;
    let tally = heard?;
    if !status.success() && tally.failed == 0 {
        return Err(io::Error::other(format!("the script ended with {status}")));
    }
    Ok(tally)
}

/// Makes the cast's accounts and returns the bot's token.
fn gather(cloud: &Cloud) -> io::Result<String> {
    for [phone, first_name, username] in [ALICE, BOB] {
        cloud.new_user(phone, first_name, username)?;
    }
    cloud.new_bot(BOT[0], BOT[1], ALICE[0])
}

fn surroundings(
    stage: &Stage,
    cloud: &Cloud,
    stranger: &Stranger,
    token: &str,
) -> Vec<(&'static str, String)> {
    let shared = stranger.folder.with_file_name("python");
    let key: PathBuf = cloud.data().join("server.pub.pem");
    vec![
        ("PYTHONPATH", shared.display().to_string()),
        ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
        ("STAGE_HELIOGRAM", stage.heliogram.display().to_string()),
        ("STAGE_DATA", cloud.data().display().to_string()),
        ("STAGE_HOST", cloud.listen().ip().to_string()),
        ("STAGE_PORT", cloud.listen().port().to_string()),
        ("STAGE_DC_ID", "2".to_owned()),
        ("STAGE_KEY", key.display().to_string()),
        ("STAGE_BOT_API", format!("http://{}", cloud.bot_api())),
        ("STAGE_ALICE", ALICE[0].to_owned()),
        ("STAGE_BOB", BOB[0].to_owned()),
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
                println!("{line}");
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

fn show_end(log: &Path) {
    let text = fs::read_to_string(log).unwrap_or_else(|error| error.to_string());
    let lines: Vec<&str> = text.lines().collect();
    println!(".. the end of {}", log.display());
    for line in &lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..] {
        println!(".. {line}");
    }
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
