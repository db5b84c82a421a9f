//! What is counted and measured, for those who run a data centre.
//!
//! Every meter is made with its gateway and costs a few atomic additions where something happens,
//! whether anybody asks or not. What each means is told in `docs/observability.md`.

mod calls;
mod census;
mod commits;
mod pushes;

pub(crate) use calls::CallMeters;
pub(crate) use census::Census;
pub(crate) use commits::CommitMeters;
pub(crate) use pushes::PushMeters;

use prometheus_client::metrics::histogram::Histogram;

/// For whatever takes between half a millisecond and ten seconds.
fn seconds() -> Histogram {
    Histogram::new([
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
    ])
}
