//! PostgreSQL as a store for the same sends: tables and one function, called by eight connections.
//!
//! A cluster of our own in a directory of our own, with the settings that it is installed with; its
//! own `pgbench` calls the function and says how fast that went, its connecting not counted.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::sends::{BURST, USERS};
use crate::rounds::Contestant;
use crate::{Trouble, place};

/// Where Debian puts the programs of this release.
const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";
const CONNECTIONS: usize = 8;
const SCHEMA: &str = include_str!("postgres.sql");

/// A cluster that runs. It stops when this is dropped.
pub(super) struct Postgres {
    data: PathBuf,
    /// Short, because the path of a socket has to be.
    socket: TempDir,
    script: PathBuf,
    /// Who runs it, if we are one whom PostgreSQL does not obey.
    user: Option<&'static str>,
    _dir: TempDir,
}

impl Postgres {
    /// Makes a cluster beside the build, on the disk that our store is on, and its tables.
    ///
    /// # Errors
    /// If PostgreSQL 15 is not installed, or does not start.
    pub(super) fn start() -> Result<Self, Trouble> {
        if !Path::new(PROGRAMS).join("initdb").exists() {
            return Err("no PostgreSQL here; Debian: apt-get install postgresql-15".into());
        }
        let is_root = run(Command::new("id").arg("-u"))?.trim() == "0";
        let user = is_root.then_some("postgres");
        let (dir, socket) = (place::scratch()?, tempfile::tempdir()?);
        let (data, script) = (dir.path().join("data"), dir.path().join("send.sql"));
        fs::write(&script, script_of_a_send())?;
        if let Some(user) = user {
            run(Command::new("chown").args(["-R", user]).args([dir.path(), socket.path()]))?;
        }
        let cluster = Self { data, socket, script, user, _dir: dir };
        let init = ["--auth=trust", "--username=bench", "--encoding=UTF8", "--pgdata"];
        run(cluster.program("initdb").args(init).arg(&cluster.data))?;
        let socket = cluster.socket.path().display();
        let options = format!("-c listen_addresses= -c unix_socket_directories={socket}");
        let log = cluster.data.join("log");
        let start = ["--wait", "--silent", "--options", &options, "--log"];
        run(cluster.control().args(start).arg(log).arg("start"))?;
        cluster.ask(SCHEMA)?;
        cluster
            .ask(&format!("insert into boxes select n, 0, 0 from generate_series(1, {USERS}) n"))?;
        Ok(cluster)
    }

    /// A repeated send changes nothing, and both sides have the message.
    ///
    /// # Errors
    /// If that is not so.
    pub(super) fn agree(&self) -> Result<(), Trouble> {
        self.ask("select send(1, 2, 77); select send(1, 2, 77)")?;
        let count = "select count(*) from messages where (owner, peer) in ((1, 2), (2, 1))";
        match self.ask(count)?.trim() {
            "2" => Ok(()),
            count => Err(format!("PostgreSQL made {count} rows of one message").into()),
        }
    }

    /// Bursts of sends, each as long as one of ours.
    pub(super) fn bursts(&mut self) -> Bursts<'_> {
        Bursts(self)
    }

    fn ask(&self, sql: &str) -> Result<String, Trouble> {
        let mut psql = self.program("psql");
        let how = ["--no-psqlrc", "--quiet", "--tuples-only", "--set=ON_ERROR_STOP=1"];
        run(self.at(psql.args(how)).args(["--command", sql]))
    }

    fn at<'a>(&self, client: &'a mut Command) -> &'a mut Command {
        let database = ["--username=bench", "--dbname=postgres", "--host"];
        client.args(database).arg(self.socket.path())
    }

    fn control(&self) -> Command {
        let mut control = self.program("pg_ctl");
        control.arg("--pgdata").arg(&self.data);
        control
    }

    fn program(&self, name: &str) -> Command {
        let path = Path::new(PROGRAMS).join(name);
        let mut command = match self.user {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(path);
                command
            }
            None => Command::new(path),
        };
        // Not ours: the other user may not look into it, and the programs want to.
        command.current_dir(self.socket.path());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Err(error) = run(self.control().args(["--mode=immediate", "stop"])) {
            eprintln!("PostgreSQL was not stopped: {error}");
        }
    }
}

/// Bursts as a contestant.
pub(super) struct Bursts<'a>(&'a Postgres);

impl Contestant for Bursts<'_> {
    fn slice(&mut self, calls: u32) -> Result<f64, Trouble> {
        let sends = BURST * calls as usize;
        let (clients, each) = (CONNECTIONS.to_string(), (sends / CONNECTIONS).to_string());
        let mut pgbench = self.0.program("pgbench");
        let how = ["--no-vacuum", "--protocol=prepared", "--jobs=1", "--client", &clients];
        pgbench.args(how).args(["--transactions", &each]).arg("--file").arg(&self.0.script);
        let said = run(pgbench
            .args(["--username=bench", "--host"])
            .arg(self.0.socket.path())
            .arg("postgres"))?;
        let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next());
        let rate: f64 = rate.ok_or("pgbench does not say how fast it was")?.parse()?;
        Ok(sends as f64 * 1e9 / rate)
    }
}

/// Who writes to whom is drawn as by `Senders`: the least of three.
fn script_of_a_send() -> String {
    let mut script = String::new();
    for name in ["a", "b", "c", "d", "e", "f"] {
        script.push_str(&format!("\\set {name} random(1, {USERS})\n"));
    }
    script.push_str("\\set sender least(:a, :b, :c)\n\\set other least(:d, :e, :f)\n");
    // Nobody writes to themselves.
    script.push_str(&format!(
        "\\set other case when :other = :sender then :other % {USERS} + 1 else :other end\n"
    ));
    script.push_str("\\set random_id random(1, 9000000000000000000)\n");
    script.push_str("select send(:sender, :other, :random_id);\n");
    script
}

fn run(command: &mut Command) -> Result<String, Trouble> {
    let program = format!("{command:?}");
    let output = command.output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim()).into())
}
