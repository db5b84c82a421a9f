//! Everything that happens in a world, as one number: two runs that agree in it were the same run.

use std::fmt::Write as _;
use std::sync::Arc;

use heliogram_crypto::sha256;
use heliogram_ids::Timestamp;
use heliogram_net::Clock;
use parking_lot::Mutex;

/// Takes down what happens. Clones are one trace.
#[derive(Clone, Debug)]
pub(super) struct Trace(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    clock: Clock,
    began: Timestamp,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    hash: [u8; 32],
    events: u64,
    bytes: u64,
    lines: Option<Vec<String>>,
}

/// What a trace comes to.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Traced {
    /// Changes with every byte and every moment.
    pub hash: [u8; 32],
    /// How many things happened.
    pub events: u64,
    /// How many bytes were carried.
    pub bytes: u64,
    /// One line for each of them, if they were asked for.
    pub lines: Vec<String>,
}

impl Trace {
    /// An empty one. With `lines`, it can be read afterwards.
    pub(super) fn new(clock: Clock, lines: bool) -> Self {
        let state = State { lines: lines.then(Vec::new), ..State::default() };
        let began = clock.now();
        Self(Arc::new(Inner { clock, began, state: Mutex::new(state) }))
    }

    /// Something happened.
    pub(super) fn note(&self, what: &str, number: u64, bytes: &[u8]) {
        let nanos = self.0.clock.now().nanos();
        let mut state = self.0.state.lock();
        let head = [nanos.to_le_bytes(), number.to_le_bytes()].concat();
        state.hash = sha256(&[&state.hash, &head, what.as_bytes(), bytes]);
        state.events += 1;
        state.bytes += bytes.len() as u64;
        let hash = state.hash[0];
        if let Some(lines) = &mut state.lines {
            let at = self.0.clock.now().saturating_since(self.0.began);
            let mut line = format!("{:>10.3} {what} {number}", at.as_secs_f64());
            let len = bytes.len();
            let _ = match std::str::from_utf8(bytes) {
                Ok(text) if len > 0 && text.chars().all(|c| !c.is_control()) => {
                    write!(line, " {text}")
                }
                _ => write!(line, " {len} bytes {hash:02x}"),
            };
            lines.push(line);
        }
    }

    /// What it has come to so far.
    pub(super) fn total(&self) -> Traced {
        let state = self.0.state.lock();
        let lines = state.lines.clone().unwrap_or_default();
        Traced { hash: state.hash, events: state.events, bytes: state.bytes, lines }
    }
}
