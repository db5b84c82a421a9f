//! A server that is killed a dozen times under load, always over one directory. A thousand times
//! is `cargo xtask crash --release --kills 1000`.

use std::path::Path;
use std::time::Duration;

use heliogram_testkit::crash::{self, Plan};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_every_kill() {
    let plan = Plan {
        kills: 12,
        people: 3,
        sessions_each: 2,
        load_ms_max: 600,
        pause: Duration::from_millis(30),
        whole_every: 6,
        seed: 7,
    };
    let home = tempfile::tempdir().expect("a directory");
    let heliogram = Path::new(env!("CARGO_BIN_EXE_heliogram"));
    let report = crash::run(plan, heliogram, &home.path().join("data")).await;
    let report = report.unwrap_or_else(|error| panic!("seed {}: {error}", plan.seed));
    println!("{report}");
    if !report.is_good() {
        panic!("seed {}, kept in {}:\n{report}", plan.seed, home.keep().display());
    }
    assert_eq!(report.kills, plan.kills);
    // A test under which nothing happens proves nothing.
    assert!(report.sent > 20 && report.parts > 0 && report.edited > 0, "{report}");
}
