//! Who is connected: the counts that admission looks at, who gives way when there are too many, and
//! the bells that draining rings.
//!
//! A peer from elsewhere is a stranger until they have shown a key. Strangers cost little and can
//! be many, so it is they who make room, the oldest first: who means to talk has long shown a key.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
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
#[derive(Debug)]
pub(crate) struct Registry {
    table: Mutex<Table>,
    /// Bytes that all peers together make us hold.
    held: AtomicUsize,
    held_max: usize,
    /// Notified when draining begins, and again when the last connection has gone.
    pub(crate) changed: Notify,
}

#[derive(Debug, Default)]
struct Table {
    /// In the order of arrival, which is the order in which they are rung.
    members: BTreeMap<u64, Member>,
    households: HashMap<IpAddr, Household>,
    /// Who has not shown a key yet, the oldest first.
    strangers: BTreeSet<u64>,
    /// How many were told to make room and are still on their way out.
    leaving: usize,
    arrivals: HashMap<Option<IpAddr>, usize>,
    arrivals_count: usize,
    next: u64,
    draining: bool,
}

#[derive(Debug)]
struct Member {
    waker: Waker,
    address: Option<IpAddr>,
    held: Arc<AtomicUsize>,
    is_leaving: bool,
}

/// The connections of one address.
#[derive(Debug, Default)]
struct Household {
    count: usize,
    strangers: BTreeSet<u64>,
}

/// A place in the registry, given back when dropped.
#[derive(Debug)]
pub(crate) struct Admission {
    registry: Arc<Registry>,
    number: u64,
    address: Option<IpAddr>,
    held: Arc<AtomicUsize>,
}

/// A place among those on their way in, given back when dropped.
#[derive(Debug)]
pub(crate) struct Arrival {
    registry: Arc<Registry>,
    address: Option<IpAddr>,
}

impl Default for Registry {
    fn default() -> Self {
        Self::new(Limits::DEFAULT.held_bytes_max)
    }
}

impl Registry {
    /// A registry of nobody, whose members may make us hold so many bytes.
    pub(crate) fn new(held_max: usize) -> Self {
        let held = AtomicUsize::new(0);
        Self { table: Mutex::default(), held, held_max, changed: Notify::new() }
    }

    /// Counts a connection in. If need be a stranger makes room.
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
        if let Some(address) = address
            && let Some(all) = table.households.get(&address)
            && all.count >= limits.connections_per_address_max
        {
            let oldest = all.strangers.first().copied();
            table.dismiss(oldest.ok_or(Refused::Address)?);
        }
        if table.len() >= limits.connections_max {
            let oldest = table.strangers.first().copied();
            table.dismiss(oldest.ok_or(Refused::Full)?);
        }
        let number = table.next;
        table.next += 1;
        if let Some(address) = address {
            let household = table.households.entry(address).or_default();
            household.count += 1;
            household.strangers.insert(number);
            table.strangers.insert(number);
        }
        let held = Arc::new(AtomicUsize::new(0));
        let (waker, member_held) = (waker.clone(), Arc::clone(&held));
        let member = Member { waker, address, held: member_held, is_leaving: false };
        table.members.insert(number, member);
        Ok(Admission { registry: Arc::clone(self), number, address, held })
    }

    /// Counts in who is on the way in, from an address if it counts; `None` if there are too many.
    pub(crate) fn arrive(
        self: &Arc<Self>,
        from: Option<IpAddr>,
        limits: &Limits,
    ) -> Option<Arrival> {
        let address = from.map(household);
        let mut table = self.lock();
        let own = table.arrivals.get(&address).copied().unwrap_or(0);
        let is_crowded = address.is_some() && own >= limits.arrivals_per_address_max;
        if is_crowded || table.arrivals_count >= limits.arrivals_max {
            return None;
        }
        table.arrivals.insert(address, own + 1);
        table.arrivals_count += 1;
        Some(Arrival { registry: Arc::clone(self), address })
    }

    /// Refuses everyone from now on and asks those inside to leave.
    pub(crate) fn drain(&self) {
        let mut table = self.lock();
        table.draining = true;
        table.members.values().for_each(|member| member.waker.drain());
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
        self.lock().members.values().for_each(|member| member.waker.kill());
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.lock().draining
    }

    /// Connections at this moment.
    pub(crate) fn len(&self) -> usize {
        self.lock().members.len()
    }

    /// Bytes that all peers together make us hold.
    pub(crate) fn held_bytes(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// Closes those who make us hold most, until a quarter of what may be held is free.
    fn relieve(&self) {
        let mut table = self.lock();
        // Whoever is leaving will give back what it holds.
        let mut holders: Vec<(usize, u64)> = table
            .members
            .iter()
            .filter(|(_, member)| !member.is_leaving)
            .map(|(number, member)| (member.held.load(Ordering::Relaxed), *number))
            .collect();
        let mut sum: usize = holders.iter().map(|(held, _)| held).sum();
        if sum <= self.held_max {
            return;
        }
        holders.sort_unstable_by(|one, other| other.cmp(one));
        for (held, number) in holders {
            if sum <= self.held_max - self.held_max / 4 {
                break;
            }
            // Pipes lead to this very process, which reads what it asked for.
            if table.members.get(&number).is_some_and(|member| member.address.is_some()) {
                table.dismiss(number);
                sum -= held;
            }
        }
    }

    // A panic under this lock is impossible short of an allocation failure, and the counts stay
    // usable after one.
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Connections, without those that were told to make room.
    fn len(&self) -> usize {
        self.members.len() - self.leaving
    }

    /// Tells a connection to make room. From now on it does not count.
    fn dismiss(&mut self, number: u64) {
        let Some(member) = self.members.get_mut(&number).filter(|member| !member.is_leaving) else {
            return;
        };
        member.is_leaving = true;
        member.waker.displace();
        let address = member.address;
        self.leaving += 1;
        self.forget(number, address);
    }

    /// A connection is gone.
    fn remove(&mut self, number: u64) {
        match self.members.remove(&number) {
            Some(Member { is_leaving: true, .. }) => self.leaving -= 1,
            Some(Member { address, .. }) => self.forget(number, address),
            None => {}
        }
    }

    /// Its address has one connection less.
    fn forget(&mut self, number: u64, address: Option<IpAddr>) {
        self.strangers.remove(&number);
        let Some(address) = address else { return };
        let Some(household) = self.households.get_mut(&address) else { return };
        household.strangers.remove(&number);
        household.count -= 1;
        if household.count == 0 {
            self.households.remove(&address);
        }
    }
}

impl Admission {
    /// Whether the connection is from elsewhere, and a stranger to begin with.
    pub(crate) fn is_foreign(&self) -> bool {
        self.address.is_some()
    }

    /// The peer has shown who they are, and does not have to make room for newcomers any more.
    pub(crate) fn know(&self) {
        let mut table = self.registry.lock();
        table.strangers.remove(&self.number);
        let address = self.address;
        if let Some(household) = address.and_then(|address| table.households.get_mut(&address)) {
            household.strangers.remove(&self.number);
        }
    }

    /// The peer makes us hold so many bytes now.
    pub(crate) fn hold(&self, bytes: usize) {
        let before = self.held.load(Ordering::Relaxed);
        if before == bytes {
            return;
        }
        self.held.store(bytes, Ordering::Relaxed);
        let all = &self.registry.held;
        if bytes < before {
            all.fetch_sub(before - bytes, Ordering::Relaxed);
        } else if all.fetch_add(bytes - before, Ordering::Relaxed) + (bytes - before)
            > self.registry.held_max
        {
            self.registry.relieve();
        }
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.registry.held.fetch_sub(self.held.load(Ordering::Relaxed), Ordering::Relaxed);
        let mut table = self.registry.lock();
        table.remove(self.number);
        let is_empty = table.members.is_empty();
        drop(table);
        if is_empty {
            self.registry.changed.notify_waiters();
        }
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        let mut table = self.registry.lock();
        table.arrivals_count -= 1;
        if let Some(count) = table.arrivals.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                table.arrivals.remove(&self.address);
            }
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

    const LIMITS: Limits = Limits {
        connections_max: 3,
        connections_per_address_max: 2,
        arrivals_max: 3,
        arrivals_per_address_max: 2,
        ..Limits::DEFAULT
    };

    fn from(address: &str) -> PeerInfo {
        let remote = Some(address.parse().expect("test address"));
        PeerInfo { remote, ..PeerInfo::IN_PROCESS }
    }

    /// A registry, and whoever comes to it.
    struct Door(Arc<Registry>);

    impl Door {
        fn new() -> Self {
            Self(Arc::new(Registry::new(1000)))
        }

        fn admit(&self, address: &str) -> Result<Guest, Refused> {
            let waker = Waker::new();
            let admission = self.0.admit(&from(address), &waker, &LIMITS)?;
            Ok(Guest { admission, waker })
        }

        fn admit_known(&self, address: &str) -> Guest {
            let guest = self.admit(address).unwrap();
            guest.admission.know();
            guest
        }
    }

    struct Guest {
        admission: Admission,
        waker: Waker,
    }

    impl Guest {
        fn is_dismissed(&self) -> bool {
            let cx = std::task::Context::from_waker(std::task::Waker::noop());
            self.waker.look(&cx).displace()
        }
    }

    #[test]
    fn an_address_has_its_share_and_no_more() {
        let door = Door::new();
        let first = door.admit_known("[2001:db8::1]:1");
        let _second = door.admit_known("[2001:db8::2]:1");
        assert_eq!(door.admit("[2001:db8::3]:1").map(drop), Err(Refused::Address));
        let _third = door.admit_known("[2001:db8:0:1::3]:1");
        assert_eq!(door.admit("10.0.0.1:1").map(drop), Err(Refused::Full));
        drop(first);
        assert!(door.admit("[2001:db8::3]:1").is_ok());
    }

    #[test]
    fn a_stranger_makes_room_for_a_newcomer_of_the_same_address() {
        let door = Door::new();
        let (other, known) = (door.admit("10.0.0.2:1").unwrap(), door.admit_known("10.0.0.1:1"));
        let stranger = door.admit("10.0.0.1:2").unwrap();
        let newcomer = door.admit("10.0.0.1:3").unwrap();
        assert!(stranger.is_dismissed(), "the oldest stranger of the address");
        assert!(![&other, &known, &newcomer].iter().any(|guest| guest.is_dismissed()));
        assert_eq!(door.0.len(), 4, "until the stranger has gone");
        drop(stranger);
        assert_eq!(door.0.len(), 3);
    }

    #[test]
    fn the_oldest_stranger_of_all_makes_room_when_the_house_is_full() {
        let door = Door::new();
        let known = door.admit_known("10.0.0.1:1");
        let strangers = ["10.0.0.2:1", "10.0.0.3:1"].map(|from| door.admit(from).unwrap());
        let newcomers = ["10.0.0.4:1", "10.0.0.5:1"].map(|from| door.admit(from).unwrap());
        assert!(strangers.iter().all(Guest::is_dismissed) && !known.is_dismissed());
        newcomers.iter().for_each(|guest| guest.admission.know());
        assert_eq!(door.admit("10.0.0.6:1").map(drop), Err(Refused::Full));
        drop((strangers, newcomers));
        assert_eq!(door.0.len(), 1);
        assert!(door.0.lock().strangers.is_empty() && door.0.lock().leaving == 0);
    }

    #[test]
    fn who_makes_us_hold_most_is_closed() {
        let door = Door::new();
        let guests = ["10.0.0.1:1", "10.0.0.2:1", "10.0.0.3:1"].map(|from| door.admit_known(from));
        for (guest, bytes) in guests.iter().zip([300, 600, 100]) {
            guest.admission.hold(bytes);
        }
        assert!(!guests.iter().any(Guest::is_dismissed), "as much as may be held");
        guests[2].admission.hold(200);
        assert_eq!(guests.each_ref().map(Guest::is_dismissed), [false, true, false]);
        // What the one who leaves has not given back yet costs nobody else their place.
        guests[2].admission.hold(250);
        assert_eq!(guests.each_ref().map(Guest::is_dismissed), [false, true, false]);
        drop(guests);
        assert_eq!(door.0.held.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_pipe_is_not_closed_for_what_it_holds() {
        let door = Door::new();
        let pipe = door.0.admit(&PeerInfo::IN_PROCESS, &Waker::new(), &LIMITS).unwrap();
        let guest = door.admit_known("10.0.0.1:1");
        guest.admission.hold(100);
        pipe.hold(2000);
        assert!(guest.is_dismissed());
        assert_eq!(door.0.len(), 2);
    }

    #[test]
    fn arrivals_are_few_and_of_one_address_fewer() {
        let registry = Arc::new(Registry::default());
        let from = |address: &str| Some(address.parse().expect("test address"));
        let arrive = |from| registry.arrive(from, &LIMITS);
        let here = [arrive(from("10.0.0.1")).unwrap(), arrive(from("10.0.0.1")).unwrap()];
        assert!(arrive(from("10.0.0.1")).is_none());
        let balancer = arrive(None).unwrap();
        assert!(arrive(None).is_none(), "all places are taken");
        drop((here, balancer));
        let balancers = [None; 3].map(|from| arrive(from).expect("nobody counts for them"));
        drop(balancers);
        assert!(registry.lock().arrivals.is_empty());
    }

    #[test]
    fn nobody_enters_while_it_drains() {
        let registry = Arc::new(Registry::default());
        registry.drain();
        let refused = registry.admit(&PeerInfo::IN_PROCESS, &Waker::new(), &LIMITS).unwrap_err();
        assert_eq!(refused, Refused::Draining);
    }
}
