//! What was seen, and when: kept for the report, and written down as it happens, so that a soak
//! that is cut short has told something.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use heliogram_testkit::outside::{Cloud, Vitals};
use parking_lot::Mutex;
use serde::Serialize;
use tokio::task::JoinHandle;

use crate::web;

/// What is being looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    /// Somebody arrives or leaves: not measured.
    Between,
    /// Everybody keeps alive and nothing else.
    Idle,
    /// People are busy.
    Busy,
}

/// The server at one moment.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Sample {
    pub(crate) at_s: f64,
    pub(crate) phase: Phase,
    pub(crate) rss_bytes: u64,
    pub(crate) cpu_s: f64,
    pub(crate) threads: u64,
    pub(crate) fds: u64,
    pub(crate) connections: u64,
    pub(crate) sessions: u64,
    pub(crate) disk_bytes: u64,
    /// What the store says it keeps in memory, within bounds of its own.
    pub(crate) kept_bytes: u64,
    /// Messages that were acknowledged so far.
    pub(crate) messages: u64,
}

impl Sample {
    /// Bytes of memory that the store does not account for.
    pub(crate) fn beside_bytes(&self) -> f64 {
        self.rss_bytes as f64 - self.kept_bytes as f64
    }
}

/// How long something took.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Latency {
    pub(crate) at_s: f64,
    pub(crate) phase: Phase,
    pub(crate) probe: &'static str,
    pub(crate) ms: f64,
}

/// Everything seen so far.
pub(crate) struct Diary {
    began: Instant,
    messages: AtomicU64,
    pages: Mutex<Pages>,
}

struct Pages {
    phase: Phase,
    file: BufWriter<File>,
    samples: Vec<Sample>,
    latencies: Vec<Latency>,
}

impl Diary {
    /// An empty one.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let pages = Pages {
            phase: Phase::Between,
            file: BufWriter::new(File::create(path)?),
            samples: Vec::new(),
            latencies: Vec::new(),
        };
        Ok(Self { began: Instant::now(), messages: AtomicU64::new(0), pages: Mutex::new(pages) })
    }

    /// Seconds since the beginning.
    pub(crate) fn now_s(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    /// What comes now belongs to another phase.
    pub(crate) fn begin(&self, phase: Phase) {
        self.pages.lock().phase = phase;
    }

    /// A message was acknowledged.
    pub(crate) fn count_message(&self) {
        self.messages.fetch_add(1, Ordering::Relaxed);
    }

    /// Writes down how long something took.
    pub(crate) fn note_latency(&self, probe: &'static str, took: Duration) {
        let at_s = self.now_s();
        let mut pages = self.pages.lock();
        let ms = took.as_secs_f64() * 1000.0;
        let latency = Latency { at_s, phase: pages.phase, probe, ms };
        pages.latencies.push(latency);
        pages.write(&latency);
    }

    /// Writes down how the server is.
    fn note_vitals(&self, vitals: Vitals, page: &str, disk_bytes: u64) -> Result<(), String> {
        let at_s = self.now_s();
        let sessions = sum(page, "heliogram_sessions ")?;
        let kept_bytes = sum(page, "heliogram_store_memory_bytes{")?;
        let mut pages = self.pages.lock();
        let sample = Sample {
            at_s,
            phase: pages.phase,
            rss_bytes: vitals.resident_bytes,
            cpu_s: vitals.cpu_s,
            threads: vitals.threads,
            fds: vitals.descriptors,
            connections: vitals.connections,
            sessions,
            disk_bytes,
            kept_bytes,
            messages: self.messages.load(Ordering::Relaxed),
        };
        pages.samples.push(sample);
        pages.write(&sample);
        // Who waits for the next sample may look at this one.
        let _ = pages.file.flush();
        Ok(())
    }

    /// The samples of a phase, in order.
    pub(crate) fn samples(&self, phase: Phase) -> Vec<Sample> {
        let of_phase = |sample: &&Sample| sample.phase == phase;
        self.pages.lock().samples.iter().filter(of_phase).copied().collect()
    }

    /// The latencies of a phase, in order.
    pub(crate) fn latencies(&self, phase: Phase) -> Vec<Latency> {
        let of_phase = |latency: &&Latency| latency.phase == phase;
        self.pages.lock().latencies.iter().filter(of_phase).copied().collect()
    }

    /// Leaves nothing in memory that is not in the file.
    ///
    /// # Errors
    /// If the file takes no more.
    pub(crate) fn flush(&self) -> io::Result<()> {
        self.pages.lock().file.flush()
    }
}

impl Pages {
    fn write(&mut self, line: &impl Serialize) {
        // A full disk shows when the diary is closed; the report needs no file.
        if serde_json::to_writer(&mut self.file, line).is_ok() {
            let _ = self.file.write_all(b"\n");
        }
    }
}

/// Looks at the server every few seconds until it is gone.
pub(crate) fn watch(diary: Arc<Diary>, cloud: Arc<Cloud>, metrics: SocketAddr) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(SAMPLE_EVERY);
        loop {
            ticks.tick().await;
            if let Err(error) = look(&diary, &cloud, metrics).await {
                println!("after {:.0} s the server cannot be looked at: {error}", diary.now_s());
            }
        }
    })
}

async fn look(
    diary: &Diary,
    cloud: &Cloud,
    metrics: SocketAddr,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let page = web::page(metrics, "/metrics").await?;
    let vitals = Vitals::of(cloud.id(), cloud.address())?;
    Ok(diary.note_vitals(vitals, &page, size(cloud.data()))?)
}

/// The sum of all lines of the metrics that begin so.
fn sum(page: &str, name: &str) -> Result<u64, String> {
    let lines = page.lines().filter(|line| line.starts_with(name));
    let values = lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok());
    values.reduce(|sum, value| sum + value).ok_or_else(|| format!("the metrics have no {name}"))
}

/// Bytes of all files in a folder. Files that go while it is counted are gone.
fn size(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(about) if about.is_dir() => size(&entry.path()),
        Ok(about) => about.len(),
        Err(_) => 0,
    });
    sizes.sum()
}

const SAMPLE_EVERY: Duration = Duration::from_secs(10);
