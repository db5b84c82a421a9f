//! Worlds of the proving ground: the same seed is the same run, and no seed breaks a promise.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use heliogram_testkit::sim::{Script, run};

/// Seeds of the suite; the nightly run has its own.
const SEEDS: u64 = 500;

#[test]
fn the_same_seed_is_the_same_run_to_the_last_byte() {
    for seed in [3, 14, 159] {
        let script = Script::whole(seed);
        let (one, other) = (run(&script, false), run(&script, false));
        assert!(one.traced.events > 0);
        assert_eq!(one.traced, other.traced, "seed {seed}");
        assert_eq!(one.faults, other.faults);
    }
    let hash = |seed| run(&Script::whole(seed), false).traced.hash;
    assert_ne!(hash(1), hash(2));
}

#[test]
fn no_world_breaks_a_promise() {
    let next = AtomicU64::new(1);
    let failed = Mutex::new(Vec::new());
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed > SEEDS {
                        return;
                    }
                    let script = Script::whole(seed);
                    let faults = run(&script, false).faults;
                    if let Some(first) = faults.first() {
                        let line = format!("{}   # {first}", script.line());
                        failed.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
