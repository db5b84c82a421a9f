//! A data centre in this process, on a socket of this machine, for whoever measures through one.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use heliogram_crypto::rsa::PublicKey;
use heliogram_dc::{CodeDelivery, Config, Home, Limits, Mode, NewUser, Server};
use heliogram_ids::DcId;
use heliogram_tl::{self as tl, Encode as _};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::wire::{Client, Login};
use crate::Trouble;

/// Its number.
pub(super) const DC: i32 = 2;
/// The login code of every number of [`Cloud::person`]'s.
pub(super) const CODE: &str = "11111";

/// A data centre that runs. One thread serves all connections, as on a machine of one core.
pub(super) struct Cloud {
    pub(super) runtime: Runtime,
    pub(super) address: SocketAddr,
    pub(super) server: Arc<Server>,
}

/// Somebody with an account.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) phone: String,
    pub(super) username: String,
}

impl Cloud {
    /// One whose rows and files are in memory.
    pub(super) fn in_memory() -> Result<Self, Trouble> {
        Self::start(&Home::Memory)
    }

    /// One that is as durable as it gets.
    pub(super) fn at(path: &Path) -> Result<Self, Trouble> {
        Self::start(&Home::Directory { path: path.to_owned(), accept_loss: false })
    }

    fn start(home: &Home) -> Result<Self, Trouble> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        // Before the data centre, which tells its clients where it is.
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0)))?;
        let address = listener.local_addr()?;
        let config = Config {
            dc_id: dc_id()?,
            further: Vec::new(),
            mode: Mode::Development,
            addresses: vec![address],
            code_delivery: CodeDelivery::LogOnly,
            limits: Limits::DEFAULT,
        };
        let server = Arc::new(Server::open(home, config)?);
        let listening = Arc::clone(&server);
        runtime.spawn(async move { listening.listen(listener).await });
        Ok(Self { runtime, address, server })
    }

    /// The key by which it is known.
    pub(super) fn key(&self) -> Result<PublicKey, Trouble> {
        Ok(PublicKey::from_pem(self.server.public_key_pem())?)
    }

    /// A client that has a key and has said who it is.
    pub(super) fn greet(&self) -> Result<(Client, Login), Trouble> {
        self.introduce(Client::connect(self.address, 1, None)?)
    }

    /// The same for a client that was just connected.
    pub(super) fn introduce(&self, mut client: Client) -> Result<(Client, Login), Trouble> {
        let login = client.shake_hands(self.server.public_key_pem())?;
        client.ask(&introduction(), 1)?;
        Ok((client, login))
    }

    /// A new account; `number` tells one from another.
    pub(super) fn person(&self, number: usize) -> Result<Person, Trouble> {
        let person = Person {
            phone: format!("+999661{number:04}"),
            username: format!("person_{number:04}"),
        };
        self.server.new_user(NewUser {
            phone: person.phone.clone(),
            first_name: "Person".into(),
            last_name: number.to_string(),
            username: Some(person.username.clone()),
            home: None,
        })?;
        Ok(person)
    }
}

/// Its number, as clients of the framework want it.
pub(super) fn dc_id() -> Result<DcId, Trouble> {
    DcId::new(DC).ok_or_else(|| "2 is a data centre".into())
}

/// The first request of a session: its layer, and what the client is.
pub(super) fn introduction() -> Bytes {
    let question = tl::Raw(tl::help::GetConfig {}.to_bytes().into());
    let client = tl::InitConnection {
        api_id: 4,
        device_model: "bench".into(),
        system_version: "1".into(),
        app_version: "1".into(),
        system_lang_code: "en".into(),
        lang_pack: "".into(),
        lang_code: "en".into(),
        proxy: None,
        params: None,
        query: question,
    };
    let layered =
        tl::InvokeWithLayer { layer: tl::LAYER, query: tl::Raw(client.to_bytes().into()) };
    layered.to_bytes().into()
}
