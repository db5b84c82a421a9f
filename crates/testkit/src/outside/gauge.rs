//! What a process costs.

use std::fs;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;

/// What a process has in memory now, in megabytes.
///
/// # Errors
/// If there is no such process.
pub fn resident(id: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes =
        line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    kilobytes
        .map(|kilobytes| kilobytes >> 10)
        .ok_or_else(|| io::Error::other(format!("/proc/{id}/status says nothing of memory")))
}

/// Looks at a process now and then, and remembers the most.
#[derive(Debug)]
pub struct Gauge {
    peak: Arc<AtomicU64>,
    watcher: JoinHandle<()>,
}

impl Gauge {
    /// Looks at the process from now on.
    pub fn watch(id: u32) -> Self {
        let peak = Arc::new(AtomicU64::new(0));
        let most = Arc::clone(&peak);
        let watcher = tokio::spawn(async move {
            while let Ok(now) = resident(id) {
                most.fetch_max(now, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        });
        Self { peak, watcher }
    }

    /// The most that was seen, in megabytes.
    pub fn peak(&self) -> u64 {
        self.peak.load(Ordering::Relaxed)
    }
}

impl Drop for Gauge {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}

/// Processor time that a process has had so far, all its threads together.
///
/// # Errors
/// If there is no such process.
pub fn busy(id: u32) -> io::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
    // Behind the name, which may hold anything: state, and ten numbers before those of time.
    let fields = stat.rsplit_once(") ").map(|(_, fields)| fields.split(' '));
    let ticks: Option<u64> = fields.and_then(|fields| {
        fields.skip(11).take(2).map(|field| field.parse::<u64>().ok()).sum::<Option<u64>>()
    });
    ticks
        .map(|ticks| Duration::from_millis(ticks * TICK_MS))
        .ok_or_else(|| io::Error::other(format!("/proc/{id}/stat says nothing of time")))
}

/// The unit in which the kernel tells times to processes.
const TICK_MS: u64 = 10;
