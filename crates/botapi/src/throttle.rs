//! How many bots one address may open: each costs a key exchange.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use heliogram_ids::Timestamp;

use crate::generations::Generations;

/// Counts the bots that each address has opened lately.
#[derive(Debug)]
pub(crate) struct Throttle(Mutex<Generations<IpAddr, Windows>>);

#[derive(Clone, Copy, Debug)]
struct Windows {
    minute: Window,
    hour: Window,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    start: Timestamp,
    count: u32,
}

impl Default for Throttle {
    fn default() -> Self {
        Self(Mutex::new(Generations::new(ADDRESSES_MAX)))
    }
}

impl Throttle {
    /// Counts one more bot.
    ///
    /// # Errors
    /// The seconds to wait, if there were too many.
    pub(crate) fn admit(&self, address: IpAddr, now: Timestamp) -> Result<(), u32> {
        let mut addresses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Window { start: now, count: 0 };
        let fresh = Windows { minute: fresh, hour: fresh };
        let Windows { mut minute, mut hour } = addresses.get(address).copied().unwrap_or(fresh);
        let waits =
            [minute.admit(now, MINUTE, PER_MINUTE_MAX), hour.admit(now, HOUR, PER_HOUR_MAX)];
        addresses.insert(address, Windows { minute, hour });
        waits.into_iter().collect::<Result<Vec<()>, u32>>().map(|_| ())
    }
}

impl Window {
    fn admit(&mut self, now: Timestamp, length: Duration, max: u32) -> Result<(), u32> {
        let age = now.saturating_since(self.start);
        if age >= length {
            *self = Self { start: now, count: 0 };
        }
        if self.count >= max {
            let left = length.saturating_sub(age).as_secs();
            return Err(u32::try_from(left).unwrap_or(u32::MAX).max(1));
        }
        self.count += 1;
        Ok(())
    }
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
/// Bots that one address may open in a minute; beyond, 429 with the seconds that are left.
const PER_MINUTE_MAX: u32 = 20;
/// The same in an hour.
const PER_HOUR_MAX: u32 = 600;
/// Addresses remembered, in each of two generations.
const ADDRESSES_MAX: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_opens_so_many_bots_a_minute() {
        let throttle = Throttle::default();
        let address = IpAddr::from([192, 0, 2, 1]);
        let at = |seconds: u64| Timestamp::from_secs(1_000 + seconds);
        for _ in 0..PER_MINUTE_MAX {
            assert_eq!(throttle.admit(address, at(0)), Ok(()));
        }
        assert_eq!(throttle.admit(address, at(10)), Err(50));
        assert_eq!(throttle.admit(IpAddr::from([192, 0, 2, 2]), at(10)), Ok(()));
        assert_eq!(throttle.admit(address, at(60)), Ok(()));
    }
}
