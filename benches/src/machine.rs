//! What the numbers were taken on. They mean nothing elsewhere, and little without this line.

use std::fs;

/// Processor and number of cores, as the system tells them.
pub(crate) fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{}, {cores} cores", processor().unwrap_or_else(|| std::env::consts::ARCH.to_owned()))
}

fn processor() -> Option<String> {
    let info = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = info.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
