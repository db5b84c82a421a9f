//! Runs one target for a while, and looks at what became of it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::report::Report;

/// The program, and where it leaves things.
pub(super) struct Fuzzer {
    pub(super) program: PathBuf,
    pub(super) folder: PathBuf,
}

/// How one run ended.
pub(super) struct Run {
    pub(super) target: String,
    pub(super) report: Report,
    pub(super) log: PathBuf,
    /// The input that something failed on.
    pub(super) crash: Option<PathBuf>,
    pub(super) is_good: bool,
}

impl Fuzzer {
    /// The names of all targets.
    ///
    /// # Errors
    /// If the program does not run.
    pub(super) fn targets(&self) -> io::Result<Vec<String>> {
        let output = Command::new(&self.program).env("HELIOGRAM_FUZZ_LIST", "1").output()?;
        let text = String::from_utf8(output.stdout).map_err(io::Error::other)?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Fuzzes one target. What is found goes into `corpus`, or nowhere, and then chance is the same
    /// each time: a glance is no place for news.
    ///
    /// # Errors
    /// If the program does not run; what it finds is in the [`Run`].
    pub(super) fn run(
        &self,
        target: &str,
        time: Duration,
        corpus: Option<&Path>,
    ) -> io::Result<Run> {
        let seeds = self.write_seeds(target)?;
        let crashes = self.folder.join("crashes").join(target);
        let logs = self.folder.join("logs");
        let scratch = tempfile::tempdir()?;
        for folder in [&crashes, &logs] {
            fs::create_dir_all(folder)?;
        }
        let found = corpus.unwrap_or_else(|| scratch.path());
        fs::create_dir_all(found)?;
        let log = logs.join(format!("{target}.log"));
        let mut command = self.command(target);
        command
            .arg(format!("-max_total_time={}", time.as_secs()))
            .arg(format!("-artifact_prefix={}/", crashes.display()))
            .args(LIMITS)
            .args(corpus.is_none().then_some("-seed=1"))
            .arg(found)
            .arg(&seeds)
            .args(committed(target));
        let status = command.stdout(Stdio::null()).stderr(File::create(&log)?).status()?;
        let said = fs::read(&log)?;
        let report = Report::read(&String::from_utf8_lossy(&said));
        let crash = report.artifact.clone();
        Ok(Run { target: target.to_owned(), report, log, crash, is_good: status.success() })
    }

    /// Tries one input, and lets everybody see what happens.
    ///
    /// # Errors
    /// If it fails.
    pub(super) fn try_once(&self, target: &str, input: &Path) -> io::Result<()> {
        let mut command = self.command(target);
        let status = command.env("HELIOGRAM_FUZZ_SHOW", "1").arg(input).status()?;
        if status.success() { Ok(()) } else { Err(io::Error::other(format!("{target}: {status}"))) }
    }

    /// Adds to the folder `into` the inputs of `from` that reach what those in it do not.
    ///
    /// # Errors
    /// If the program fails, which it does on an input that a target fails on.
    pub(super) fn merge(&self, target: &str, into: &Path, from: &[PathBuf]) -> io::Result<()> {
        fs::create_dir_all(into)?;
        let mut command = self.command(target);
        command.args(["-set_cover_merge=1", "-max_len=4096"]).arg(into).args(from);
        let output = command.output()?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(io::Error::other(format!("{target}: {}\n{said}", output.status)))
    }

    /// Inputs that the target makes itself.
    ///
    /// # Errors
    /// If it does not.
    pub(super) fn write_seeds(&self, target: &str) -> io::Result<PathBuf> {
        let seeds = self.folder.join("seeds").join(target);
        if seeds.exists() {
            fs::remove_dir_all(&seeds)?;
        }
        let mut command = self.command(target);
        let status = command.env("HELIOGRAM_FUZZ_SEEDS", &seeds).status()?;
        if status.success() {
            return Ok(seeds);
        }
        Err(io::Error::other(format!("{target} makes no seeds: {status}")))
    }

    fn command(&self, target: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.env("HELIOGRAM_FUZZ_TARGET", target).env("RUST_BACKTRACE", "1");
        command
    }
}

/// The corpus in the repository, if the target has one.
pub(super) fn committed(target: &str) -> Option<PathBuf> {
    let folder = crate::workspace().join("fuzz/corpus").join(target);
    folder.is_dir().then_some(folder)
}

/// A second is an age for one input, but not on a machine that is busy; memory has tighter bounds in
/// the targets.
const LIMITS: [&str; 5] = [
    "-timeout=25",
    "-rss_limit_mb=2048",
    "-max_len=4096",
    "-print_final_stats=1",
    "-close_fd_mask=1",
];
