//! The peers that live in Python: installed once beside the build, driven over two pipes.
//!
//! A peer is a script of `python/` that answers each line with one line. It looks at its own clock,
//! so the pipes are not part of what it took.

use std::cell::RefCell;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::rounds::Contestant;
use crate::{Trouble, place};

/// An interpreter that has the peers.
pub(crate) struct Python(PathBuf);

impl Python {
    /// Finds it, or installs what `python/requirements.txt` lists.
    ///
    /// # Errors
    /// If there is no Python with `venv`, or if the registry cannot be reached.
    pub(crate) fn ready() -> Result<Self, Trouble> {
        let wanted = fs::read_to_string(place::source("python/requirements.txt"))?;
        let folder = place::target()?.join("bench-venv");
        let (program, done) = (folder.join("bin/python"), folder.join("installed.txt"));
        if fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
            return Ok(Self(program));
        }
        finish(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
        finish(Command::new(&program).args(pip).arg(place::source("python/requirements.txt")))?;
        fs::write(done, wanted)?;
        Ok(Self(program))
    }

    /// Starts a script of `python/`.
    ///
    /// # Errors
    /// If it does not say that it is ready.
    pub(crate) fn start(&self, script: &str, arguments: &[&str]) -> Result<Peer, Trouble> {
        let mut child = Command::new(&self.0)
            .arg(place::source("python").join(script))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("a child without pipes".into());
        };
        let mut peer = Peer { child, input, output: BufReader::new(output) };
        match peer.hear()?.as_str() {
            "ready" => Ok(peer),
            other => Err(format!("{script} is not ready: {other}").into()),
        }
    }
}

/// A script that runs. It ends when this is dropped.
pub(crate) struct Peer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Peer {
    /// Says a line and returns the one that comes back.
    ///
    /// # Errors
    /// If the script has ended.
    pub(crate) fn ask(&mut self, line: &str) -> Result<String, Trouble> {
        writeln!(self.input, "{line}")?;
        self.input.flush()?;
        self.hear()
    }

    fn hear(&mut self) -> Result<String, Trouble> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Err("a peer in Python ended; its last words are above".into());
        }
        Ok(line.trim_end().to_owned())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Nothing depends on how it ends.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One kind of work of a peer: `time <work> <calls>` is answered with nanoseconds.
pub(crate) struct Timed<'a> {
    pub(crate) peer: &'a RefCell<Peer>,
    pub(crate) work: String,
}

impl Contestant for Timed<'_> {
    fn slice(&mut self, calls: u32) -> Result<f64, Trouble> {
        let answer = self.peer.borrow_mut().ask(&format!("time {} {calls}", self.work))?;
        answer.parse().map_err(|_| format!("{}: {answer}", self.work).into())
    }
}

fn finish(command: &mut Command) -> Result<(), Trouble> {
    let program = Path::new(command.get_program()).display().to_string();
    let output = command.output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let last = text.lines().last().unwrap_or("no reason given").to_owned();
    Err(format!("{program}: {last}").into())
}
