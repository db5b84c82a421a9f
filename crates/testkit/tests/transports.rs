//! The same few words and bytes over every transport, in both families, and through proxies.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use heliogram_client::{
    Client, Connecting, Connector, FileRef, LoginStep, ProxyConnector, TcpConnector,
};
use heliogram_crypto::{Random as _, SeededRandom};
use heliogram_ids::DcId;
use heliogram_mtproto::link::{ClientTransport, Disguise};
use heliogram_mtproto::transport::{Framing, ProxyDoor, ProxyKey, ProxyLimits};
use heliogram_net::{Entrance, MtProxy, MtProxyLimits, ProxyProtocol};
use heliogram_testkit::{Inbox, Person, World, soon};
use heliogram_tl as tl;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

const SECRETS: [&str; 3] = [
    "00112233445566778899aabbccddeeff",
    "dd10112233445566778899aabbccddeeff",
    "ee20112233445566778899aabbccddeeff736974652e6578616d706c65",
];

/// A way over TCP with bytes that look like this.
struct Way(TcpConnector, ClientTransport);

impl Connector for Way {
    fn connect(&self) -> Connecting {
        self.0.connect()
    }

    fn transport(&self) -> ClientTransport {
        self.1
    }
}

fn dc(number: i32) -> DcId {
    DcId::new(number).unwrap()
}

/// Opens a socket in front of a world.
async fn listen(world: &World, at: &str, entrance: Entrance) -> SocketAddr {
    let listener = TcpListener::bind(at).await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = world.shared();
    tokio::spawn(async move { server.listen_at(listener, entrance).await });
    address
}

fn mtproxy() -> Entrance {
    let keys = SECRETS.map(|secret| secret.parse().unwrap()).to_vec();
    let door = ProxyDoor::new(keys, vec![dc(2), dc(4)], ProxyLimits::DEFAULT);
    let mtproxy = MtProxy::new(door, None, MtProxyLimits::DEFAULT);
    Entrance { mtproxy: Some(Arc::new(mtproxy)), ..Entrance::default() }
}

async fn client(world: &World, way: impl Connector) -> Client {
    world.client().dc(dc(2), way, [*world.key()]).connect().await.unwrap()
}

/// Alice comes this way on one more device, and talks with Bob.
async fn converse(world: &World, alice: &Person, bob: &Person, way: impl Connector, name: &str) {
    let device = client(world, way).await;
    let step = soon("a code", device.login_phone(&alice.phone)).await.unwrap();
    let LoginStep::Code(code) = step else { panic!("no code is asked for: {step:?}") };
    let step = soon("a login", code.submit("11111")).await.unwrap();
    assert!(matches!(step, LoginStep::Done(_)), "{step:?}");

    let mut bytes = vec![0; 300_001];
    SeededRandom::new(4).fill(&mut bytes);
    let upload = device.upload(&bytes[..], None, "blob.bin").run();
    let file = soon("an upload", upload).await.unwrap();
    let send = device.send_document(bob.username.as_str(), file, "application/octet-stream");
    soon("a file", async { send.caption(name).await }).await.unwrap();
    let mut inbox = bob.inbox();
    let message = loop {
        let message = inbox.message(alice.id).await;
        if message.message == name {
            break message;
        }
    };
    let file = FileRef::of_media(message.media.as_ref().unwrap()).unwrap();
    let page = soon("a page", device.history(bob.username.as_str(), None, 1)).await.unwrap();
    assert_eq!(page.messages.len(), 1);
    let mut found = Vec::new();
    soon("a download", bob.client.download_file(&file).write_to(&mut found)).await.unwrap();
    assert!(found == bytes, "other bytes came out over {name}");

    let long = format!("{name} {}", "ä".repeat(3000));
    let mut inbox = Inbox::from_oldest(&device);
    bob.say(alice, &long).await;
    loop {
        if inbox.message(bob.id).await.message.as_str() == long {
            break;
        }
    }
    device.shutdown().await.unwrap();
}

#[tokio::test]
async fn every_framing_passes_plain_and_obfuscated_over_both_families() {
    let world = World::in_memory();
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    for at in ["127.0.0.1:0", "[::1]:0"] {
        let address = listen(&world, at, Entrance::default()).await;
        for framing in Framing::ALL {
            let plain = Some(ClientTransport::Plain(framing));
            let obfuscated = Disguise::new(framing, 2, None).map(ClientTransport::Obfuscated);
            for transport in [plain, obfuscated].into_iter().flatten() {
                let name = format!("{transport:?} at {address}");
                let way = Way(TcpConnector::new(address.to_string()), transport);
                converse(&world, &alice, &bob, way, &name).await;
            }
        }
    }
    world.stop().await;
}

#[tokio::test]
async fn every_kind_of_secret_opens_the_proxy() {
    let world = World::in_memory();
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    for at in ["127.0.0.1:0", "[::1]:0"] {
        let address = listen(&world, at, mtproxy()).await.to_string();
        for secret in SECRETS {
            let way = ProxyConnector::new(&address, secret.parse().unwrap(), dc(2));
            converse(&world, &alice, &bob, way, secret).await;
        }
    }
    world.stop().await;
}

#[tokio::test]
async fn a_proxy_leads_to_the_data_centre_that_is_named() {
    let world = World::in_memory();
    let address = listen(&world, "127.0.0.1:0", mtproxy()).await.to_string();
    let key: ProxyKey = SECRETS[2].parse().unwrap();
    for number in [2, 4] {
        // The handshake says 2 all the same, as a client does that reads no configuration.
        let way = ProxyConnector::new(&address, key.clone(), dc(number));
        let client = world.client().dc(dc(number), way, [*world.key()]).connect().await.unwrap();
        let config = soon("a configuration", client.invoke(&tl::help::GetConfig {})).await;
        let tl::Config::Config(config) = config.unwrap();
        assert_eq!(config.this_dc, number);
        client.shutdown().await.unwrap();
    }
    let way = ProxyConnector::new(&address, key, dc(3));
    let builder = world.client().dc(dc(3), way, [*world.key()]);
    let refused = builder.connect_max(Duration::from_millis(500)).connect().await;
    assert!(refused.is_err(), "there is no data centre 3");
    world.stop().await;
}

#[tokio::test]
async fn a_login_shows_the_address_that_the_balancer_named() {
    let world = World::in_memory();
    let alice = world.person("Alice").await;
    let trusted = vec!["127.0.0.0/8".parse().unwrap()];
    let protocol = Some(Arc::new(ProxyProtocol::from_networks(trusted)));
    let open = Entrance { proxy_protocol: protocol.clone(), ..Entrance::default() };
    let proxied = Entrance { proxy_protocol: protocol, ..mtproxy() };
    for entrance in [open, proxied] {
        let transport = match &entrance.mtproxy {
            None => ClientTransport::Plain(Framing::Abridged),
            Some(_) => {
                let secret = SECRETS[1].parse::<ProxyKey>().unwrap().secret;
                let disguise = Disguise::new(Framing::Padded, 2, Some(secret)).unwrap();
                ClientTransport::Obfuscated(disguise)
            }
        };
        let address = listen(&world, "127.0.0.1:0", entrance).await;
        let device = client(&world, Balanced(address, transport)).await;
        let LoginStep::Code(code) = device.login_phone(&alice.phone).await.unwrap() else {
            panic!("no code is asked for");
        };
        let step = soon("a login", code.submit("11111")).await.unwrap();
        assert!(matches!(step, LoginStep::Done(_)), "{step:?}");
        let logins = device.invoke(&tl::account::GetAuthorizations {}).await.unwrap();
        let tl::account::Authorizations::Authorizations(logins) = logins;
        let mut current = logins.authorizations.iter().filter_map(|login| {
            let tl::Authorization::Authorization(login) = login;
            login.current.then_some(login.ip.as_str())
        });
        assert_eq!(current.next(), Some("203.0.113.7"));
        device.shutdown().await.unwrap();
    }
    world.stop().await;
}

/// A way through a balancer.
struct Balanced(SocketAddr, ClientTransport);

impl Connector for Balanced {
    fn connect(&self) -> Connecting {
        let address = self.0;
        Box::pin(async move {
            let mut stream = TcpStream::connect(address).await?;
            stream.write_all(b"PROXY TCP4 203.0.113.7 192.0.2.1 5555 443\r\n").await?;
            Ok(Box::new(stream) as heliogram_client::BoxStream)
        })
    }

    fn transport(&self) -> ClientTransport {
        self.1
    }
}
