//! Making trouble, and the refusals that it explains.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use heliogram_client::RpcError;

use super::action::Action;
use super::stage::Stage;
use crate::sim::disk::Outage;
use crate::sim::house::Damage;
use crate::sim::net::Owner;

/// Makes it.
pub(super) async fn make(stage: &Arc<Stage>, action: Action) {
    let house = &stage.house;
    match action {
        Action::Restart { seat } => {
            let Some(place) = stage.place(seat) else { return };
            if let Some(seat) = &mut stage.seats.lock()[place] {
                seat.restart(stage.seed, house, &stage.clock, &stage.trace);
            }
        }
        Action::Disconnect { seat } => {
            let Some(place) = stage.place(seat) else { return };
            house.sky.cut(Owner::Seat(place));
        }
        Action::SlowDown { seat, pause_ms } => {
            let Some(place) = stage.place(seat) else { return };
            house.sky.slow_down(Owner::Seat(place), Duration::from_millis(pause_ms));
        }
        Action::DisconnectBot => house.sky.cut(Owner::Bot),
        Action::Crash { outage, down_ms, flipped } if house.crash(outage) => {
            let damage = if flipped { Damage::FlippedBit } else { Damage::None };
            let down = Duration::from_millis(down_ms);
            Arc::clone(house).restart(down, damage).await;
        }
        Action::Mishap { mishap, down_ms } => {
            house.trouble();
            house.disk.plan(mishap);
            let life = house.crashes();
            tokio::time::sleep(Duration::from_millis(down_ms)).await;
            // An operator looks at what the server says. If it has stopped writing, or might have,
            // it is started again.
            if house.crashes() == life && house.crash(Outage::Kill) {
                Arc::clone(house).restart(Duration::from_millis(100), Damage::None).await;
            }
        }
        Action::FullDisk { for_ms } => {
            house.trouble();
            house.full.store(true, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(for_ms)).await;
            house.full.store(false, Ordering::Relaxed);
        }
        _ => {}
    }
}

/// Whether a refusal can be explained by what else people do at the same time.
pub(super) fn is_expected(error: &RpcError, is_troubled: bool) -> bool {
    // The disk is full, or failed, or the server is on its way down. Of a file that was put together
    // and not sent any more the parts are gone; clients begin anew.
    let by_disk = error.code == 500 || error.is("FILE_PART_MISSING");
    (by_disk && is_troubled) || EXPECTED.iter().any(|name| error.is(name))
}

const EXPECTED: [&str; 15] = [
    "BOT_RESPONSE_TIMEOUT",
    "CHAT_FORWARDS_RESTRICTED",
    "CHAT_NOT_MODIFIED",
    "DATA_INVALID",
    "MESSAGE_AUTHOR_REQUIRED",
    "MESSAGE_EDIT_TIME_EXPIRED",
    "MESSAGE_EMPTY",
    "MESSAGE_ID_INVALID",
    "MESSAGE_NOT_MODIFIED",
    "PEER_ID_INVALID",
    "PINNED_DIALOGS_TOO_MUCH",
    "REPLY_MESSAGE_ID_INVALID",
    // The session was logged out while it asked.
    "AUTH_KEY_UNREGISTERED",
    "SESSION_REVOKED",
    // The code was asked for before a crash and given after it.
    "PHONE_CODE_EXPIRED",
];
