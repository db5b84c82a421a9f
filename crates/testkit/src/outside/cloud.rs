//! The process that is exposed.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use heliogram_crypto::rsa::PublicKey;
use tempfile::TempDir;

/// A `heliogram up` on a directory of its own; it ends with the value.
#[derive(Debug)]
pub struct Cloud {
    data: TempDir,
    address: SocketAddr,
    bot_api: SocketAddr,
    process: Child,
}

impl Cloud {
    /// Starts it with further flags of `up`, and waits until it is ready.
    ///
    /// # Errors
    /// If it does not get ready.
    pub fn start(heliogram: &Path, flags: &[&str]) -> io::Result<Self> {
        let data = tempfile::Builder::new().prefix("heliogram-outside-").tempdir()?;
        let [address, bot_api] = free_addresses()?;
        let mut process = Command::new(heliogram)
            .arg("up")
            .arg("--data")
            .arg(data.path())
            .args(["--listen", &address.to_string(), "--bot-api", &bot_api.to_string()])
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(data.path().join("server.log"))?)
            .spawn()?;
        let stdout = process.stdout.take().expect("standard output is piped: asked for above");
        let cloud = Self { data, address, bot_api, process };
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        if lines.any(|line| line == "ready") {
            return Ok(cloud);
        }
        Err(io::Error::other(format!("the server is not ready: {}", cloud.log()?)))
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where bots ask.
    pub fn bot_api(&self) -> SocketAddr {
        self.bot_api
    }

    /// The directory that it works in.
    pub fn data(&self) -> &Path {
        self.data.path()
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
        Ok(PublicKey::from_pem(&fs::read_to_string(self.data.path().join("server.pub.pem"))?)?)
    }

    /// What of its log is an error, a warning or a panic.
    ///
    /// # Errors
    /// If there is no log.
    pub fn complaints(&self) -> io::Result<Vec<String>> {
        let is_complaint =
            |line: &&str| ["ERROR", "WARN", "panicked"].iter().any(|sign| line.contains(sign));
        Ok(self.log()?.lines().filter(is_complaint).map(str::to_owned).collect())
    }

    fn log(&self) -> io::Result<String> {
        fs::read_to_string(self.data.path().join("server.log"))
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        // It may have ended by itself, which the report has told by then.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Two addresses that were free a moment ago.
fn free_addresses() -> io::Result<[SocketAddr; 2]> {
    let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let second = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok([first.local_addr()?, second.local_addr()?])
}
