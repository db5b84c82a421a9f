//! A cloud of its own for one run: a directory, two addresses, and a process that can be killed and
//! started again in the middle of a sentence.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use tempfile::TempDir;

use super::certificate::Certificate;
use super::transport::Transport;

/// How long a cloud may take to open its doors.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// What the record of calls is made from, and what helps when a run fails.
const LOG_LEVEL: &str = "info,heliogram_dc=debug,heliogram_botapi::calls=debug";

/// How a cloud is started, each time.
struct Recipe {
    heliogram: PathBuf,
    flags: Vec<String>,
    data: TempDir,
    log: PathBuf,
    listen: SocketAddr,
    bot_api: SocketAddr,
    /// Doors beside the usual one.
    ipv6: Option<SocketAddr>,
    proxy: Option<(SocketAddr, &'static str)>,
    certificate: Option<Certificate>,
}

/// A running cloud; it ends with the value.
pub(super) struct Cloud {
    recipe: Recipe,
    process: Child,
}

impl Cloud {
    /// Starts an empty cloud that logs to a file and has a door for each of some transports.
    ///
    /// # Errors
    /// If it does not say that it is ready.
    pub(super) fn start(
        heliogram: &Path,
        flags: &[String],
        transports: &[Transport],
        log: &Path,
    ) -> io::Result<Self> {
        File::create(log)?;
        let [listen, bot_api, proxy] = free_addresses()?;
        let has_ipv6 = transports.contains(&Transport::Ipv6);
        let has_tls = transports.contains(&Transport::WebsocketTls);
        // Absolute: clients and the cloud read it from wherever they are.
        let folder = log.parent().unwrap_or(log).canonicalize()?;
        let secret = transports.iter().find_map(|transport| transport.secret());
        let recipe = Recipe {
            heliogram: heliogram.to_owned(),
            flags: flags.to_owned(),
            // Not in the target directory: the control socket's path has to stay under 108 bytes.
            data: tempfile::Builder::new().prefix("heliogram-").tempdir()?,
            log: log.to_owned(),
            listen,
            bot_api,
            ipv6: has_ipv6.then(free_ipv6_address).transpose()?,
            proxy: secret.map(|secret| (proxy, secret)),
            certificate: has_tls.then(|| Certificate::make(&folder)).transpose()?,
        };
        let process = recipe.launch()?;
        Ok(Self { recipe, process })
    }

    /// Kills the process without a word of warning and starts it again on the same directory.
    ///
    /// # Errors
    /// If it does not come back.
    pub(super) fn crash(&mut self) -> io::Result<()> {
        self.kill()?;
        self.process = self.recipe.launch()?;
        Ok(())
    }

    /// The same, with other flags than before.
    ///
    /// # Errors
    /// If it does not come back.
    pub(super) fn restart(&mut self, flags: &[String]) -> io::Result<()> {
        flags.clone_into(&mut self.recipe.flags);
        self.crash()
    }

    /// What the process has in memory now, in megabytes.
    ///
    /// # Errors
    /// If the process is gone.
    pub(super) fn resident_megabytes(&self) -> io::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        kilobytes
            .map(|kilobytes| kilobytes >> 10)
            .ok_or_else(|| io::Error::other("the cloud's status says nothing of memory"))
    }

    /// Where clients connect.
    pub(super) fn listen(&self) -> SocketAddr {
        self.recipe.listen
    }

    /// Where clients of a transport connect.
    pub(super) fn door(&self, transport: Transport) -> SocketAddr {
        let Recipe { listen, bot_api, ipv6, proxy, .. } = &self.recipe;
        match transport {
            Transport::BotApi => *bot_api,
            Transport::Ipv6 => ipv6.unwrap_or(*listen),
            Transport::Mtproxy | Transport::MtproxyTls => {
                proxy.map_or(*listen, |(address, _)| address)
            }
            _ => *listen,
        }
    }

    /// Where the Bot API is.
    pub(super) fn bot_api(&self) -> SocketAddr {
        self.recipe.bot_api
    }

    /// The certificate that clients have to trust, where there is one.
    pub(super) fn certificate(&self) -> Option<&Path> {
        self.recipe.certificate.as_ref().map(|made| made.certificate.as_path())
    }

    /// The directory that holds everything.
    pub(super) fn data(&self) -> &Path {
        self.recipe.data.path()
    }

    /// Makes a person's account.
    ///
    /// # Errors
    /// What the command says.
    pub(super) fn new_user(&self, phone: &str, first_name: &str, username: &str) -> io::Result<()> {
        let flags = ["--phone", phone, "--first-name", first_name, "--username", username];
        self.ask(&["user", "new"], &flags).map(drop)
    }

    /// Makes a bot and returns its token.
    ///
    /// # Errors
    /// What the command says.
    pub(super) fn new_bot(&self, name: &str, username: &str, owner: &str) -> io::Result<String> {
        self.ask(&["bot", "new"], &["--name", name, "--username", username, "--owner", owner])
    }

    fn ask(&self, command: &[&str], flags: &[&str]) -> io::Result<String> {
        let output = Command::new(&self.recipe.heliogram)
            .args(command)
            .args(flags)
            .arg("--data")
            .arg(self.data())
            .output()?;
        if !output.status.success() {
            let error = String::from_utf8_lossy(&output.stderr);
            return Err(io::Error::other(format!("heliogram {}: {error}", command.join(" "))));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn kill(&mut self) -> io::Result<()> {
        self.process.kill()?;
        self.process.wait().map(drop)
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        if let Err(error) = self.kill() {
            eprintln!("the cloud could not be stopped: {error}");
        }
    }
}

/// Addresses that were free a moment ago.
fn free_addresses() -> io::Result<[SocketAddr; 3]> {
    // All are held until the last is found, so that no two are the same.
    let free = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let held = [free()?, free()?, free()?];
    let [a, b, c] = held.each_ref().map(TcpListener::local_addr);
    Ok([a?, b?, c?])
}

fn free_ipv6_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv6Addr::LOCALHOST, 0))?.local_addr()
}

impl Recipe {
    fn launch(&self) -> io::Result<Child> {
        let log = OpenOptions::new().append(true).open(&self.log)?;
        let level = std::env::var("HELIOGRAM_LOG").unwrap_or_else(|_| LOG_LEVEL.to_owned());
        let mut process = Command::new(&self.heliogram)
            .arg("up")
            .arg("--data")
            .arg(self.data.path())
            .arg("--listen")
            .arg(self.listen.to_string())
            .arg("--bot-api")
            .arg(self.bot_api.to_string())
            .args(self.doors())
            .args(&self.flags)
            .env("HELIOGRAM_LOG", level)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log.try_clone()?)
            .spawn()?;
        let stdout = process.stdout.take().expect("standard output is piped: asked for above");
        if wait_ready(stdout, log) {
            return Ok(process);
        }
        process.kill()?;
        Err(io::Error::other(format!("the cloud is not ready: {}", process.wait()?)))
    }
}

impl Recipe {
    /// The flags for doors beside the usual one.
    fn doors(&self) -> Vec<String> {
        let mut flags = Vec::new();
        if let Some(address) = self.ipv6 {
            flags.extend(["--listen".to_owned(), address.to_string()]);
        }
        if let Some((address, secret)) = self.proxy {
            flags.extend(["--mtproxy-listen".to_owned(), address.to_string()]);
            flags.extend(["--mtproxy-secret".to_owned(), secret.to_owned()]);
        }
        if let Some(Certificate { certificate, key }) = &self.certificate {
            flags.extend(["--tls-certificate".to_owned(), certificate.display().to_string()]);
            flags.extend(["--tls-key".to_owned(), key.display().to_string()]);
        }
        flags
    }
}

/// Waits for the line; what else is printed goes to the log, for as long as the process lives.
fn wait_ready(stdout: ChildStdout, log: File) -> bool {
    let (ready, is_ready) = mpsc::channel();
    std::thread::spawn(move || copy_lines(stdout, log, &ready));
    is_ready.recv_timeout(READY_WITHIN).is_ok()
}

fn copy_lines(stdout: ChildStdout, mut log: File, ready: &Sender<()>) {
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        // Neither a full disk nor a launcher that stopped listening is a reason to block the cloud.
        let _ = writeln!(log, "{line}");
        if line == "ready" {
            let _ = ready.send(());
        }
    }
}
