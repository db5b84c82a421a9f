//! The sockets on which `up` listens.

use std::io;
use std::net::SocketAddr;

use rustix::net::sockopt::set_ipv6_v6only;
use tokio::net::{TcpListener, TcpSocket};

/// Binds each address.
///
/// # Errors
/// If one is taken or not ours; the text names it.
pub(crate) fn bind(addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, String> {
    let bound = addresses.iter().map(|address| {
        let twin = |other: &SocketAddr| other.is_ipv4() && other.port() == address.port();
        let only_v6 = address.is_ipv6() && addresses.iter().any(twin);
        bind_one(*address, only_v6).map_err(|error| format!("cannot listen on {address}: {error}"))
    });
    bound.collect()
}

/// An IPv6 socket takes IPv4 connections too, unless another one is there for them.
fn bind_one(address: SocketAddr, only_v6: bool) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // Whoever just stopped may still have connections that are timing out.
    socket.set_reuseaddr(true)?;
    if only_v6 {
        set_ipv6_v6only(&socket, true)?;
    }
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Connections that nobody has accepted yet.
const BACKLOG: u32 = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_families_share_a_port() {
        let v4 = bind(&["0.0.0.0:0".parse().expect("an address")]).expect("a free port");
        let port = v4.first().expect("one").local_addr().expect("bound").port();
        drop(v4);
        let everywhere = [format!("0.0.0.0:{port}"), format!("[::]:{port}")];
        let everywhere = everywhere.map(|text| text.parse().expect("an address"));
        assert_eq!(bind(&everywhere).map(|bound| bound.len()), Ok(2));
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_named() {
        let first = bind(&["127.0.0.1:0".parse().expect("an address")]).expect("a free port");
        let address = first.first().expect("one").local_addr().expect("bound");
        let error = bind(&[address]).unwrap_err();
        assert!(error.contains(&address.to_string()), "{error}");
    }
}
