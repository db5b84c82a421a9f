//! What the environment says.

use std::env;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddrV4, SocketAddrV6};
use std::path::PathBuf;

use grammers_session::types::DcOption;

/// Any application is welcome.
pub const API_ID: i32 = 1;
pub const API_HASH: &str = "0123456789abcdef0123456789abcdef";

/// Where the data centre is.
pub fn data_centre() -> DcOption {
    let host: IpAddr = variable("STAGE_HOST").parse().expect("STAGE_HOST is an address");
    let port = variable("STAGE_PORT").parse().expect("STAGE_PORT is a port");
    // The family that is not asked for stays on this machine, too: a mistake must not go far.
    let ipv4 = if let IpAddr::V4(host) = host { host } else { Ipv4Addr::LOCALHOST };
    let ipv6 = if let IpAddr::V6(host) = host { host } else { Ipv6Addr::LOCALHOST };
    DcOption {
        id: variable("STAGE_DC_ID").parse().expect("STAGE_DC_ID is a number"),
        ipv4: SocketAddrV4::new(ipv4, port),
        ipv6: SocketAddrV6::new(ipv6, port, 0, 0),
        auth_key: None,
    }
}

/// Whether to call over IPv6.
pub fn use_ipv6() -> bool {
    env::var("STAGE_TRANSPORT").is_ok_and(|name| name == "ipv6")
}

/// The file of the session.
pub fn session() -> PathBuf {
    variable("STAGE_SESSION").into()
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}
