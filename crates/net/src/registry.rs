//! Who is connected: the counts that admission looks at, and the bells that draining rings.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::{Limits, PeerInfo, Waker};

/// Why a connection was not admitted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refused {
    /// The server has as many connections as it may.
    #[error("server is full")]
    Full,
    /// This address has as many connections as one may.
    #[error("too many connections from one address")]
    Address,
    /// The server is shutting down.
    #[error("server is draining")]
    Draining,
}

/// All connections of a server.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    table: Mutex<Table>,
    /// Notified when draining begins, and again when the last connection has gone.
    pub(crate) changed: Notify,
}

#[derive(Debug, Default)]
struct Table {
    /// In the order of arrival, which is the order in which they are rung.
    connections: BTreeMap<u64, Waker>,
    per_address: HashMap<IpAddr, usize>,
    next: u64,
    draining: bool,
}

/// A place in the registry, given back when dropped.
#[derive(Debug)]
pub(crate) struct Admission {
    registry: Arc<Registry>,
    number: u64,
    address: Option<IpAddr>,
}

impl Registry {
    /// Counts a connection in.
    pub(crate) fn admit(
        self: &Arc<Self>,
        peer: &PeerInfo,
        waker: &Waker,
        limits: &Limits,
    ) -> Result<Admission, Refused> {
        let address = peer.remote.map(|remote| household(remote.ip()));
        let mut table = self.lock();
        if table.draining {
            return Err(Refused::Draining);
        }
        if table.connections.len() >= limits.connections_max {
            return Err(Refused::Full);
        }
        if let Some(address) = address {
            let count = table.per_address.entry(address).or_default();
            if *count >= limits.connections_per_address_max {
                return Err(Refused::Address);
            }
            *count += 1;
        }
        let number = table.next;
        table.next += 1;
        table.connections.insert(number, waker.clone());
        Ok(Admission { registry: Arc::clone(self), number, address })
    }

    /// Refuses everyone from now on and asks those inside to leave.
    pub(crate) fn drain(&self) {
        let mut table = self.lock();
        table.draining = true;
        table.connections.values().for_each(Waker::drain);
        drop(table);
        self.changed.notify_waiters();
    }

    /// Resolves as soon as nobody is let in any more.
    pub(crate) async fn draining(&self) {
        loop {
            let changed = self.changed.notified();
            if self.is_draining() {
                return;
            }
            changed.await;
        }
    }

    /// Closes whoever is still inside.
    pub(crate) fn kill(&self) {
        self.lock().connections.values().for_each(Waker::kill);
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.lock().draining
    }

    /// Connections at this moment.
    pub(crate) fn len(&self) -> usize {
        self.lock().connections.len()
    }

    // A panic under this lock is impossible short of an allocation failure, and the counts stay
    // usable after one.
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut table = self.registry.lock();
        table.connections.remove(&self.number);
        if let Some(address) = self.address
            && let Some(count) = table.per_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                table.per_address.remove(&address);
            }
        }
        let empty = table.connections.is_empty();
        drop(table);
        if empty {
            self.registry.changed.notify_waiters();
        }
    }
}

/// What counts as one address: IPv6 customers own a /64, so that is the unit there.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits =
        Limits { connections_max: 3, connections_per_address_max: 2, ..Limits::DEFAULT };

    fn from(address: &str) -> PeerInfo {
        let remote = Some(address.parse().expect("test address"));
        PeerInfo { remote, ..PeerInfo::IN_PROCESS }
    }

    #[test]
    fn an_address_has_its_share_and_no_more() {
        let registry = Arc::new(Registry::default());
        let admit = |address| registry.admit(&from(address), &Waker::new(), &LIMITS);
        let first = admit("[2001:db8::1]:1").unwrap();
        let _second = admit("[2001:db8::2]:1").unwrap();
        assert_eq!(admit("[2001:db8::3]:1").unwrap_err(), Refused::Address);
        let _third = admit("[2001:db8:0:1::3]:1").unwrap();
        assert_eq!(admit("10.0.0.1:1").unwrap_err(), Refused::Full);
        drop(first);
        assert!(admit("[2001:db8::3]:1").is_ok());
    }

    #[test]
    fn nobody_enters_while_it_drains() {
        let registry = Arc::new(Registry::default());
        registry.drain();
        let refused = registry.admit(&PeerInfo::IN_PROCESS, &Waker::new(), &LIMITS).unwrap_err();
        assert_eq!(refused, Refused::Draining);
    }
}
