//! Waiting until every session has handled every update, and nothing moves any more.

use std::collections::BTreeMap;
use std::time::Duration;

use heliogram_ids::UserId;

use crate::sim::play::Stage;

/// Waits; returns who never gets there.
pub(super) async fn wait(stage: &Stage) -> Vec<String> {
    let deadline = stage.clock.now() + PATIENCE;
    let (mut before, mut still) = (BTreeMap::new(), 0);
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let Some(server) = stage.house.server() else { return vec!["the server is down".into()] };
        let positions = server.positions().unwrap_or_default();
        let behind = behind(stage, &positions);
        still = if behind.is_empty() && positions == before { still + 1 } else { 0 };
        // The bot may still have something to say to what it has just heard.
        if still == LOOKS {
            return Vec::new();
        }
        if stage.clock.now() >= deadline {
            return behind;
        }
        before = positions;
    }
}

fn behind(stage: &Stage, positions: &BTreeMap<UserId, i32>) -> Vec<String> {
    let seats = stage.seats.lock();
    let behind = seats.iter().flatten().filter_map(|seat| {
        let owner = UserId::new(stage.people[seat.person].id)?;
        let (at, end) = (seat.position(), positions.get(&owner).copied().unwrap_or(1));
        let status = seat.client.status().borrow().clone();
        let number = seat.number;
        (at != end).then(|| format!("session {number} stands at {at} of {end}, {status:?}"))
    });
    behind.collect()
}

/// Longer than clients wait before they ask a quiet server.
const PATIENCE: Duration = Duration::from_secs(40 * 60);
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How many looks have to show the same.
const LOOKS: usize = 4;
