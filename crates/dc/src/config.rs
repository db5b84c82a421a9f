//! What an operator decides before the start.

use std::net::SocketAddr;
use std::path::PathBuf;

use heliogram_ids::DcId;

use crate::limits::Limits;

/// Settings of one data centre.
#[derive(Clone, Debug)]
pub struct Config {
    /// The number by which clients know this data centre; new accounts are at home there.
    pub dc_id: DcId,
    /// Further numbers that this server answers for, each at addresses of its own.
    pub further: Vec<FurtherDc>,
    /// Development or production.
    pub mode: Mode,
    /// Addresses that clients are told to dial, the first one first.
    pub addresses: Vec<SocketAddr>,
    /// How a login code reaches a person whose account has no other session.
    pub code_delivery: CodeDelivery,
    /// Bounds.
    pub limits: Limits,
}

/// One more number for the same cloud. To clients it is another data centre, with keys, logins and
/// files that are asked for there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FurtherDc {
    /// The number.
    pub id: DcId,
    /// Addresses that clients are told to dial. Most clients never say which data centre they mean,
    /// so it is by these that they are told apart.
    pub addresses: Vec<SocketAddr>,
}

impl Config {
    /// Every number with its addresses, the first one first.
    pub(crate) fn dcs(&self) -> impl Iterator<Item = (DcId, &[SocketAddr])> {
        let further = self.further.iter().map(|dc| (dc.id, dc.addresses.as_slice()));
        std::iter::once((self.dc_id, self.addresses.as_slice())).chain(further)
    }

    /// Whether this server answers for a number.
    pub(crate) fn serves(&self, id: DcId) -> bool {
        self.dcs().any(|(served, _)| served == id)
    }

    /// The data centre that clients reach at our end `local` of their connection.
    pub(crate) fn dc_at(&self, local: SocketAddr) -> DcId {
        let exact = self.dcs().find(|(_, addresses)| addresses.contains(&local));
        // Who listens everywhere is reached at addresses that nobody wrote down.
        let wildcard =
            |address: &SocketAddr| address.ip().is_unspecified() && address.port() == local.port();
        let found = exact.or_else(|| self.dcs().find(|(_, all)| all.iter().any(wildcard)));
        found.map_or(self.dc_id, |(id, _)| id)
    }
}

/// What may be relaxed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// Test phone numbers with fixed codes; no flood limits.
    Development,
    /// Nothing is relaxed.
    Production,
}

/// Where login codes go besides account 777000 and the server's log.
#[derive(Clone, Debug, Default)]
pub enum CodeDelivery {
    /// Nowhere else.
    #[default]
    LogOnly,
    /// A command that is run with the phone number and the code as its arguments.
    Hook(PathBuf),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(local: &str, expected: i32) {
        let address = |text: &str| text.parse().expect("an address");
        let dc = |id| DcId::new(id).expect("a number of a data centre");
        let config = Config {
            dc_id: dc(2),
            further: vec![
                FurtherDc { id: dc(4), addresses: vec![address("127.0.0.1:7701")] },
                FurtherDc { id: dc(5), addresses: vec![address("0.0.0.0:7702")] },
            ],
            mode: Mode::Development,
            addresses: vec![address("127.0.0.1:7700"), address("[::1]:7700")],
            code_delivery: CodeDelivery::LogOnly,
            limits: Limits::DEFAULT,
        };
        assert_eq!(config.dc_at(address(local)), dc(expected), "{local}");
    }

    #[test]
    fn data_centres_are_told_apart_by_the_address_that_was_dialled() {
        check("127.0.0.1:7700", 2);
        check("[::1]:7700", 2);
        check("127.0.0.1:7701", 4);
        check("192.0.2.7:7702", 5);
        check("192.0.2.7:7701", 2);
    }
}
