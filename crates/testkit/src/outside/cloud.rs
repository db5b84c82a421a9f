//! The process that is exposed: started on a directory, killed, and started again.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use heliogram_client::{Client, ClientBuilder, TcpConnector};
use heliogram_crypto::rsa::PublicKey;
use heliogram_ids::DcId;
use tempfile::TempDir;

/// A `heliogram up`; it ends with the value.
#[derive(Debug)]
pub struct Cloud {
    heliogram: PathBuf,
    data: PathBuf,
    /// Goes with the value, if the directory is its own.
    _home: Option<TempDir>,
    address: SocketAddr,
    bot_api: SocketAddr,
    flags: Vec<String>,
    process: Child,
}

impl Cloud {
    /// Starts it on a directory of its own with further flags of `up`, and waits until it is ready.
    ///
    /// # Errors
    /// If it does not get ready; then with what it said.
    pub fn start(heliogram: &Path, flags: &[&str]) -> io::Result<Self> {
        let home = tempfile::Builder::new().prefix("heliogram-outside-").tempdir()?;
        let mut cloud = Self::start_in(heliogram, &home.path().join("data"), flags)?;
        cloud._home = Some(home);
        Ok(cloud)
    }

    /// The same on the directory `data`, which stays; its log lies beside it.
    ///
    /// # Errors
    /// As [`Cloud::start`].
    pub fn start_in(heliogram: &Path, data: &Path, flags: &[&str]) -> io::Result<Self> {
        let mut cloud = Self::spawned(heliogram, data, flags)?;
        cloud.until_ready()?;
        Ok(cloud)
    }

    /// As [`Cloud::start_in`], for a directory that may be refused: then what the server said.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start_or_refused(
        heliogram: &Path,
        data: &Path,
        flags: &[&str],
    ) -> io::Result<Result<Self, String>> {
        let mut cloud = Self::spawned(heliogram, data, flags)?;
        if cloud.says_ready() {
            return Ok(Ok(cloud));
        }
        cloud.process.wait()?;
        Ok(Err(cloud.log()?))
    }

    fn spawned(heliogram: &Path, data: &Path, flags: &[&str]) -> io::Result<Self> {
        let [address, bot_api] = free_addresses()?;
        let flags: Vec<String> = flags.iter().copied().map(str::to_owned).collect();
        let process = spawn(heliogram, data, [address, bot_api], &flags)?;
        let (heliogram, data) = (heliogram.to_owned(), data.to_owned());
        Ok(Self { heliogram, data, _home: None, address, bot_api, flags, process })
    }

    /// Ends the process at once, wherever it stands, and waits until it is gone.
    ///
    /// # Errors
    /// If it is not ours to end.
    pub fn kill(&mut self) -> io::Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    /// Starts it once more, at the same addresses, and waits until it is ready.
    ///
    /// # Errors
    /// As [`Cloud::start`].
    pub fn restart(&mut self) -> io::Result<()> {
        let addresses = [self.address, self.bot_api];
        self.process = spawn(&self.heliogram, &self.data, addresses, &self.flags)?;
        self.until_ready()
    }

    /// Starts it and kills it after a while, ready or not.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn stumble(&mut self, after: Duration) -> io::Result<()> {
        let addresses = [self.address, self.bot_api];
        self.process = spawn(&self.heliogram, &self.data, addresses, &self.flags)?;
        std::thread::sleep(after);
        self.kill()
    }

    fn until_ready(&mut self) -> io::Result<()> {
        if self.says_ready() {
            return Ok(());
        }
        let status = self.process.wait()?;
        Err(io::Error::other(format!("the server is not ready ({status}): {}", self.log()?)))
    }

    fn says_ready(&mut self) -> bool {
        let stdout = self.process.stdout.take().expect("standard output is piped: asked for above");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        lines.any(|line| line == "ready")
    }

    /// A client to be, with its session in memory.
    ///
    /// # Panics
    /// If the server's key is not where it should be.
    pub fn client(&self) -> ClientBuilder {
        let key = self.key().expect("the server has written its key");
        let dc = DcId::new(2).expect("two is a data centre");
        Client::builder().api(1, "hash").dc(dc, TcpConnector::new(self.address.to_string()), [key])
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the Bot API is.
    pub fn bot_api(&self) -> SocketAddr {
        self.bot_api
    }

    /// The directory.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// The key by which it is known.
    ///
    /// # Errors
    /// If it is not where it should be.
    pub fn key(&self) -> Result<PublicKey, Box<dyn Error>> {
        Ok(PublicKey::from_pem(&fs::read_to_string(self.data.join("server.pub.pem"))?)?)
    }

    /// What of its log is an error, a warning or a panic, over all its lives.
    ///
    /// # Errors
    /// If there is no log.
    pub fn complaints(&self) -> io::Result<Vec<String>> {
        let is_complaint =
            |line: &&str| ["ERROR", "WARN", "panicked"].iter().any(|sign| line.contains(sign));
        Ok(self.log()?.lines().filter(is_complaint).map(str::to_owned).collect())
    }

    /// Everything it has said on standard error, over all its lives.
    ///
    /// # Errors
    /// If there is no log.
    pub fn log(&self) -> io::Result<String> {
        fs::read_to_string(log_path(&self.data))
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        // It may have ended by itself, which the report has told by then.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts the process, with its log appended to the one before.
fn spawn(
    heliogram: &Path,
    data: &Path,
    [address, bot_api]: [SocketAddr; 2],
    flags: &[String],
) -> io::Result<Child> {
    let log = File::options().create(true).append(true).open(log_path(data))?;
    Command::new(heliogram)
        .arg("up")
        .arg("--data")
        .arg(data)
        .args(["--listen", &address.to_string(), "--bot-api", &bot_api.to_string()])
        .args(flags)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
}

/// Beside the directory, not in it: the directory is the server's.
fn log_path(data: &Path) -> PathBuf {
    data.with_extension("log")
}

/// Two addresses that were free a moment ago.
fn free_addresses() -> io::Result<[SocketAddr; 2]> {
    let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let second = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok([first.local_addr()?, second.local_addr()?])
}
