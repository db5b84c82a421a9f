//! Who is connected, and who makes room when all places are taken.
//!
//! A connection that waits for a request, or is in the middle of its head, is idle. When there is
//! no place for a newcomer, the one that has been idle longest makes room: a client notices no
//! more of it than of any other connection that was kept open for too long.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The places of a server.
#[derive(Debug)]
pub(crate) struct Seats {
    /// Connections at once.
    max: usize,
    /// Connections at once of one address, unless it is of our own network.
    each_max: usize,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    taken: usize,
    by_address: HashMap<IpAddr, usize>,
    /// Idle connections by the number of the moment when they became so.
    idle: BTreeMap<u64, Idle>,
    moments: u64,
}

#[derive(Debug)]
struct Idle {
    address: Option<IpAddr>,
    leave: Arc<Notify>,
}

/// A place, given back when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Arc<Seats>,
    address: Option<IpAddr>,
    leave: Arc<Notify>,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Idle(u64),
    Busy(usize),
    /// Its place was given to somebody else.
    Dismissed,
}

/// A request that is being answered; its connection is not idle meanwhile.
#[derive(Debug)]
pub(crate) struct Busy(Arc<Seat>);

impl Seats {
    pub(crate) fn new(max: usize, each_max: usize) -> Arc<Self> {
        Arc::new(Self { max, each_max, table: Mutex::default() })
    }

    /// A place for a connection; `None` if all are taken by such that are not idle. `address` is
    /// whom it counts for, if it is to be counted.
    pub(crate) fn take(self: &Arc<Self>, address: Option<IpAddr>) -> Option<Arc<Seat>> {
        let mut table = self.lock();
        let own = address.and_then(|address| table.by_address.get(&address).copied()).unwrap_or(0);
        if address.is_some() && own >= self.each_max {
            table.dismiss(|idle| idle.address == address)?;
        } else if table.taken >= self.max {
            table.dismiss(|_| true)?;
        }
        let leave = Arc::new(Notify::new());
        table.taken += 1;
        if let Some(address) = address {
            *table.by_address.entry(address).or_default() += 1;
        }
        let moment = table.rest(Idle { address, leave: Arc::clone(&leave) });
        drop(table);
        let state = Mutex::new(State::Idle(moment));
        Some(Arc::new(Seat { seats: Arc::clone(self), address, leave, state }))
    }

    // Counts are consistent between any two statements that could panic.
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Tells the one that has been idle longest, of those that are meant, to leave.
    fn dismiss(&mut self, is_meant: impl Fn(&Idle) -> bool) -> Option<()> {
        let (moment, _) = self.idle.iter().find(|(_, idle)| is_meant(idle))?;
        let moment = *moment;
        let idle = self.idle.remove(&moment)?;
        self.leave(idle.address);
        // Kept by the notification until the connection's task looks.
        idle.leave.notify_one();
        Some(())
    }

    fn rest(&mut self, idle: Idle) -> u64 {
        let moment = self.moments;
        self.moments += 1;
        self.idle.insert(moment, idle);
        moment
    }

    fn leave(&mut self, address: Option<IpAddr>) {
        self.taken -= 1;
        if let Some(address) = address
            && let Some(count) = self.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
    }
}

impl Seat {
    /// A request has come.
    pub(crate) fn busy(self: &Arc<Self>) -> Busy {
        let mut table = self.seats.lock();
        let mut state = self.state();
        *state = match *state {
            State::Idle(moment) => match table.idle.remove(&moment) {
                Some(_) => State::Busy(1),
                None => State::Dismissed,
            },
            State::Busy(count) => State::Busy(count + 1),
            State::Dismissed => State::Dismissed,
        };
        Busy(Arc::clone(self))
    }

    /// Resolves when somebody else needs the place more.
    pub(crate) async fn dismissed(&self) {
        self.leave.notified().await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let seat = &self.0;
        let mut table = seat.seats.lock();
        let mut state = seat.state();
        *state = match *state {
            State::Busy(1) => {
                let idle = Idle { address: seat.address, leave: Arc::clone(&seat.leave) };
                State::Idle(table.rest(idle))
            }
            State::Busy(count) => State::Busy(count - 1),
            other => other,
        };
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut table = self.seats.lock();
        let is_here = match *self.state() {
            State::Idle(moment) => table.idle.remove(&moment).is_some(),
            State::Busy(_) => true,
            State::Dismissed => false,
        };
        if is_here {
            table.leave(self.address);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    const HERE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)));
    const THERE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2)));

    fn is_dismissed(seat: &Arc<Seat>) -> bool {
        seat.dismissed().now_or_never().is_some()
    }

    #[test]
    fn who_is_idle_longest_makes_room() {
        let seats = Seats::new(3, 10);
        let all = [HERE, THERE, HERE].map(|from| seats.take(from).unwrap());
        drop(all[0].busy());
        let newcomer = seats.take(None).unwrap();
        assert_eq!(all.each_ref().map(is_dismissed), [false, true, false]);
        assert!(!is_dismissed(&newcomer));
    }

    #[test]
    fn who_is_busy_does_not_make_room() {
        let seats = Seats::new(2, 10);
        let all = [HERE, THERE].map(|from| seats.take(from).unwrap());
        let busy = [all[0].busy(), all[0].busy(), all[1].busy()];
        assert!(seats.take(HERE).is_none());
        drop(busy);
        assert!(seats.take(HERE).is_some());
    }

    #[test]
    fn an_address_has_its_share() {
        let seats = Seats::new(10, 2);
        let there = seats.take(THERE).unwrap();
        let here = [HERE, HERE].map(|from| seats.take(from).unwrap());
        let newcomer = seats.take(HERE).unwrap();
        assert!(is_dismissed(&here[0]) && !is_dismissed(&there));
        let _busy = [here[1].busy(), newcomer.busy()];
        assert!(seats.take(HERE).is_none(), "all of this address are busy");
        assert!(seats.take(THERE).is_some());
        // Our own network stands for others.
        let ours = [None; 5].map(|from| seats.take(from).unwrap());
        drop(ours);
    }

    #[test]
    fn places_are_given_back_once() {
        let seats = Seats::new(1, 1);
        for _ in 0..3 {
            let first = seats.take(HERE).unwrap();
            let second = seats.take(HERE).unwrap();
            drop(first.busy());
            drop((first, second));
        }
        let table = seats.lock();
        assert_eq!(table.taken, 0);
        assert!(table.idle.is_empty() && table.by_address.is_empty());
    }
}
