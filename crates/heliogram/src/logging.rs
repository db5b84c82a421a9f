//! Where log lines go: standard error, so that standard output stays for answers.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// Starts logging by a filter such as `info` or `heliogram_dc=debug,warn`.
pub(crate) fn start(filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|error| {
        eprintln!("heliogram: bad log filter `{filter}`: {error}; logging at info");
        EnvFilter::new("info")
    });
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}
