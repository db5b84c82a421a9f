//! A data centre, and the ways into it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use heliogram_client::session::{MemorySession, SessionStore};
use heliogram_client::{Client, ClientBuilder, LoginStep};
use heliogram_crypto::rsa::PublicKey;
use heliogram_dc::{CodeDelivery, Config, FurtherDc, Home, Limits, Mode, NewBot, NewUser, Server};
use heliogram_ids::{DcId, UserId};
use tokio::io::DuplexStream;
use tokio::task::JoinHandle;

use crate::{Person, Wire, soon};

/// A data centre that runs in this process.
pub struct World {
    server: Arc<Server>,
    key: PublicKey,
    keeper: JoinHandle<()>,
    born: AtomicU32,
}

impl Default for World {
    fn default() -> Self {
        Self::in_memory()
    }
}

impl World {
    /// One that is gone with the test.
    pub fn in_memory() -> Self {
        Self::open(&Home::Memory)
    }

    /// One that keeps its data in a directory.
    pub fn at(path: &Path) -> Self {
        Self::open(&Home::Directory { path: path.to_owned(), accept_loss: false })
    }

    fn open(home: &Home) -> Self {
        let config = Config {
            dc_id: dc_id(),
            further: vec![FurtherDc {
                id: DcId::new(4).expect("four is a data centre"),
                addresses: vec![([127, 0, 0, 1], 7701).into()],
            }],
            mode: Mode::Development,
            addresses: vec![([127, 0, 0, 1], 7700).into()],
            code_delivery: CodeDelivery::LogOnly,
            limits: Limits::DEFAULT,
        };
        let server = Arc::new(Server::open(home, config).expect("the data centre opens"));
        let key = PublicKey::from_pem(server.public_key_pem()).expect("the server's key is a key");
        let kept = Arc::clone(&server);
        let keeper = tokio::spawn(async move { kept.housekeeping().await });
        Self { server, key, keeper, born: AtomicU32::new(0) }
    }

    /// The data centre itself.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The same, for connectors that outlive a borrow.
    pub fn shared(&self) -> Arc<Server> {
        Arc::clone(&self.server)
    }

    /// The key by which clients know the data centre.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// A connection without anything said on it.
    pub fn pipe(&self) -> DuplexStream {
        self.server.pipe().expect("there is room for a connection")
    }

    /// A connection to one of the data centres that this server answers for.
    pub fn pipe_to(&self, dc: i32) -> DuplexStream {
        let dc = DcId::new(dc).expect("a number of a data centre");
        self.server.pipe_to(dc).expect("there is room for a connection")
    }

    /// A connection with a key, for a test that speaks for itself.
    pub async fn wire(&self) -> Wire {
        soon("a key", Wire::open(self.pipe(), self.key)).await
    }

    /// A connection on which a person is logged in, beside their other devices.
    pub async fn wire_of(&self, person: &Person) -> Wire {
        let mut wire = self.wire().await;
        wire.log_in(&person.phone, CODE).await;
        wire
    }

    /// A client to be, with its session in memory.
    pub fn client(&self) -> ClientBuilder {
        let server = Arc::clone(&self.server);
        let connector = move || {
            let pipe = server.pipe().map_err(std::io::Error::other);
            async move { pipe }
        };
        Client::builder().api(1, "hash").dc(dc_id(), connector, [self.key])
    }

    /// A new person, who has an account and is logged in on one device.
    pub async fn person(&self, name: &str) -> Person {
        let number = self.born.fetch_add(1, Ordering::Relaxed);
        let phone = format!("+999661{number:04}");
        let username = format!("{}_{number:04}", name.to_lowercase());
        let user = NewUser {
            phone: phone.clone(),
            first_name: name.to_owned(),
            last_name: String::new(),
            username: Some(username.clone()),
            home: None,
        };
        let id = self.server.new_user(user).expect("the number and the name are free");
        let client = self.device(&phone, MemorySession::default()).await;
        let id = UserId::new(id).expect("users have positive ids");
        Person { client, id, phone, username }
    }

    /// A new bot that belongs to nobody, logged in.
    pub async fn bot(&self, name: &str) -> Person {
        let number = self.born.fetch_add(1, Ordering::Relaxed);
        let username = format!("{}_{number:04}_bot", name.to_lowercase());
        let bot = NewBot {
            name: name.to_owned(),
            username: username.clone(),
            owner_phone: String::new(),
        };
        let token = self.server.new_bot(bot).expect("the name is free");
        let client = self.client().connect().await.expect("the data centre is there");
        let login =
            soon("a bot's login", client.sign_in_bot(&token)).await.expect("the token is good");
        Person { client, id: login.user_id, phone: String::new(), username }
    }

    /// Another device of the account with a test number, logged in by its code.
    pub async fn device(&self, phone: &str, session: impl SessionStore) -> Client {
        let client =
            self.client().session(session).connect().await.expect("the data centre is there");
        let step = soon("a code", client.login_phone(phone)).await.expect("the number is good");
        let LoginStep::Code(code) = step else { panic!("no code is asked for: {step:?}") };
        let step = soon("a login", code.submit(CODE)).await.expect("the code is good");
        assert!(matches!(step, LoginStep::Done(_)), "more than a code is asked for: {step:?}");
        client
    }

    /// Stops in order, as at the end of `heliogram up`.
    pub async fn stop(mut self) {
        soon("the server to stop", self.server.stop()).await;
        // It holds the server, and with it the lock on the directory.
        self.keeper.abort();
        let _ = (&mut self.keeper).await;
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

fn dc_id() -> DcId {
    DcId::new(2).expect("two is a data centre")
}

/// Of every test number +999 66 1 YYYY.
const CODE: &str = "11111";
