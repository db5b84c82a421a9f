//! Flood control: how much of one kind of thing one caller may do.
//!
//! Token buckets by caller and class, in memory. Development mode knows no limits. What a client needs
//! to recover (`updates.*`, pings, acknowledgements) is never limited.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use heliogram_ids::{Timestamp, UserId};
use parking_lot::Mutex;

use crate::config::Mode;
use crate::error::{Rpc, RpcError};

/// Buckets kept before the full ones are forgotten. If all are in use, strangers who come then share
/// one with their neighbourhood.
const BUCKETS_MAX: usize = 100_000;
/// How long after a look for full buckets there is no other.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// All buckets.
pub(super) struct Flood {
    mode: Mode,
    buckets: Mutex<Buckets>,
}

#[derive(Default)]
struct Buckets {
    levels: HashMap<(Whom, Class), Bucket>,
    looked_at: Option<Timestamp>,
}

/// Who is charged.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Whom {
    User(UserId),
    /// Strangers share what their network is allowed; an IPv6 network is a /64.
    Network(IpAddr),
}

/// What is charged together.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Class {
    /// Guessing codes, passwords and tokens.
    Login,
    /// Looking people up by name or number.
    Lookup,
    /// Writing to people.
    Post,
    /// Parts of files.
    Files,
    Other,
}

/// A bucket that leaks.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// When it will be full again, if nothing is taken.
    full_at: Timestamp,
}

/// How many at once, and how long one takes to come back.
struct Rate {
    burst: u32,
    each: Duration,
}

impl Flood {
    pub(super) fn new(mode: Mode) -> Self {
        Self { mode, buckets: Mutex::default() }
    }

    /// Charges one call. Hit and miss of a lookup cost the same, so nothing is learnt from limits.
    ///
    /// # Errors
    /// `FLOOD_WAIT_X` with the time until one more is allowed.
    pub(super) fn admit(&self, whom: Option<Whom>, method: &str, now: Timestamp) -> Rpc<()> {
        let (Mode::Production, Some(whom), Some(class)) = (self.mode, whom, class_of(method))
        else {
            return Ok(());
        };
        let rate = class.rate();
        let mut buckets = self.buckets.lock();
        let whom = buckets.room_for(whom, class, now);
        let bucket = buckets.levels.entry((whom, class)).or_insert(Bucket { full_at: now });
        let filled = bucket.full_at.max(now) + rate.each;
        let missing = filled.saturating_since(now);
        let allowed = rate.each * rate.burst;
        if missing > allowed {
            return Err(RpcError::flood_wait(missing - allowed));
        }
        bucket.full_at = filled;
        Ok(())
    }
}

impl Buckets {
    /// Who is to be charged: the caller, or in a crowd of strangers their neighbourhood.
    fn room_for(&mut self, whom: Whom, class: Class, now: Timestamp) -> Whom {
        if self.levels.len() < BUCKETS_MAX || self.levels.contains_key(&(whom, class)) {
            return whom;
        }
        if self.looked_at.is_none_or(|last| now.saturating_since(last) >= LOOK_AGAIN) {
            self.looked_at = Some(now);
            self.levels.retain(|_, bucket| bucket.full_at > now);
        }
        match whom {
            Whom::Network(ip) if self.levels.len() >= BUCKETS_MAX => {
                Whom::Network(neighbourhood(ip))
            }
            // Accounts are as many as there are.
            whom => whom,
        }
    }
}

impl Whom {
    /// The caller as far as it is known; connections from within the process are not charged.
    pub(super) fn of(user: Option<UserId>, ip: Option<IpAddr>) -> Option<Self> {
        user.map(Self::User).or_else(|| ip.map(|ip| Self::Network(network(ip))))
    }
}

impl Class {
    const fn rate(self) -> Rate {
        let (burst, each) = match self {
            Self::Login => (20, Duration::from_secs(30)),
            Self::Lookup => (200, Duration::from_secs(7 * 60)),
            Self::Post => (60, Duration::from_secs(1)),
            Self::Files => (2000, Duration::from_millis(5)),
            Self::Other => (600, Duration::from_millis(50)),
        };
        Rate { burst, each }
    }
}

fn class_of(method: &str) -> Option<Class> {
    Some(match method {
        "auth.checkPassword"
        | "auth.importBotAuthorization"
        | "auth.resendCode"
        | "auth.sendCode"
        | "auth.signIn"
        | "auth.signUp" => Class::Login,
        "contacts.importContacts"
        | "contacts.resolvePhone"
        | "contacts.resolveUsername"
        | "contacts.search" => Class::Lookup,
        "messages.forwardMessages"
        | "messages.sendMedia"
        | "messages.sendMessage"
        | "messages.sendMultiMedia" => Class::Post,
        _ if method.starts_with("updates.") => return None,
        _ if method.starts_with("upload.") => Class::Files,
        _ => Class::Other,
    })
}

/// What counts as one address.
pub(super) fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

/// The network that a network is part of, as large as a provider's.
fn neighbourhood(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            std::net::Ipv4Addr::new(a, b, 0, 0).into()
        }
        IpAddr::V6(ip) => {
            let [a, b, ..] = ip.segments();
            std::net::Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn user() -> Option<Whom> {
        UserId::new(7).map(Whom::User)
    }

    #[test]
    fn a_burst_is_allowed_and_then_one_at_a_time() {
        let flood = Flood::new(Mode::Production);
        for _ in 0..20 {
            flood.admit(user(), "auth.signIn", START).expect("within the burst");
        }
        let refusal = flood.admit(user(), "auth.signIn", START).expect_err("one too many");
        assert_eq!(refusal.text(), "FLOOD_WAIT_30");
        let later = START + Duration::from_secs(30);
        flood.admit(user(), "auth.signIn", later).expect("one has come back");
        flood.admit(user(), "auth.signIn", later).expect_err("but only one");
    }

    #[test]
    fn what_recovers_a_client_is_never_limited() {
        let flood = Flood::new(Mode::Production);
        for _ in 0..10_000 {
            flood.admit(user(), "updates.getDifference", START).expect("always");
        }
    }

    #[test]
    fn development_knows_no_limits() {
        let flood = Flood::new(Mode::Development);
        for _ in 0..1000 {
            flood.admit(user(), "auth.signIn", START).expect("always");
        }
    }

    #[test]
    fn a_crowd_of_strangers_shares_what_is_left() {
        let flood = Flood::new(Mode::Production);
        let caller = |number: u32| Whom::of(None, Some(std::net::Ipv4Addr::from(number).into()));
        let admit = |number, now| flood.admit(caller(number), "auth.signIn", now);
        for number in 0..250_000 {
            // Those beyond the table find the bucket of their neighbourhood soon empty.
            let _ = admit(number, START);
        }
        let kept = flood.buckets.lock().levels.len();
        assert!((BUCKETS_MAX..BUCKETS_MAX + 4).contains(&kept), "{kept}");
        assert!(admit(249_999, START).is_err());
        let later = START + Duration::from_secs(3600);
        admit(249_999, later).expect("what is full again is forgotten");
        assert!(flood.buckets.lock().levels.len() < 10);
    }

    #[test]
    fn an_ipv6_network_is_one_caller() {
        let a = Whom::of(None, Some("2001:db8::1".parse().expect("an address")));
        let b = Whom::of(None, Some("2001:db8::ffff:2".parse().expect("an address")));
        assert_eq!(a, b);
        assert_eq!(Whom::of(None, None), None);
    }
}
