//! Connections that only keep alive, as most of a cloud's are at any time.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};

use heliogram_client::{Client, ClientBuilder, ConnectError, Status};
use heliogram_ids::DcId;
use heliogram_testkit::outside::{Cloud, arrive};
use tokio::net::TcpSocket;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Everybody who is there and does nothing.
pub(crate) struct Idlers(Vec<Idler>);

/// One client, and its connection as it was when it had just arrived.
struct Idler {
    _client: Client,
    status: watch::Receiver<Status>,
}

impl Idlers {
    /// Connects so many, each with a key and a session of its own. One in five is logged in, to one
    /// of fifty accounts; the others are people who look at a login form.
    ///
    /// # Errors
    /// If somebody cannot connect.
    pub(crate) async fn gather(cloud: &Cloud, count: usize) -> Result<Self, Box<dyn Error>> {
        let mut idlers = Vec::with_capacity(count);
        let numbers: Vec<usize> = (0..count).collect();
        for chunk in numbers.chunks(AT_ONCE) {
            let mut arriving = JoinSet::new();
            for &number in chunk {
                arriving.spawn(come(door(cloud, number)?, number));
            }
            for client in arriving.join_all().await {
                let client = client?;
                let mut status = client.status();
                status.mark_unchanged();
                idlers.push(Idler { _client: client, status });
            }
        }
        Ok(Self(idlers))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many lost their connection since, in words.
    pub(crate) fn lost(&self) -> Option<String> {
        let is_lost = |idler: &&Idler| idler.status.has_changed().unwrap_or(true);
        let lost = self.0.iter().filter(is_lost).count();
        (lost > 0).then(|| format!("{lost} idle connections were lost, if only for a while"))
    }
}

async fn come(builder: ClientBuilder, number: usize) -> Result<Client, ConnectError> {
    if !number.is_multiple_of(LOGGED_IN_EVERY) {
        return builder.connect().await;
    }
    let account = number / LOGGED_IN_EVERY % ACCOUNTS;
    // The first session of an account makes it; those of one chunk are of different accounts.
    Ok(arrive(builder, account, &format!("idle_{account:04}")).await)
}

/// The beginning of a client of this cloud, who comes from an address of their own: of one address
/// a server admits only so many.
///
/// # Errors
/// If the cloud's key is not where it should be.
pub(crate) fn door(cloud: &Cloud, number: usize) -> Result<ClientBuilder, Box<dyn Error>> {
    let dc = DcId::new(2).ok_or("no such data centre")?;
    let (to, from) = (cloud.address(), own_address(number));
    let connector = move || async move {
        let socket = TcpSocket::new_v4()?;
        socket.bind(from)?;
        let stream = socket.connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    };
    Ok(Client::builder().api(1, "hash").dc(dc, connector, [cloud.key()?]))
}

/// All of 127.0.0.0/8 is this machine.
fn own_address(number: usize) -> SocketAddr {
    let number = u32::try_from(number).unwrap_or_default() & 0xff_ffff;
    (Ipv4Addr::from_bits(0x7f00_0100 + number), 0).into()
}

/// Handshakes at the same time: they are work for both sides.
const AT_ONCE: usize = 64;
/// One in so many is logged in.
const LOGGED_IN_EVERY: usize = 5;
/// How many accounts those share. The probe and busy people have the numbers behind.
pub(crate) const ACCOUNTS: usize = 50;
/// Where the numbers of busy people's addresses begin, behind those of all idle ones.
pub(crate) const ADDRESSES: usize = 1 << 16;
