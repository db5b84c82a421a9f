//! One session of one account.

use std::collections::HashMap;
use std::sync::Arc;

use grammers_client::Client;
use grammers_client::client::LoginToken;
use grammers_mtsender::{ConnectionParams, SenderPool};
use grammers_session::Session as _;
use grammers_session::types::{PeerId, PeerRef};
use grammers_session::updates::UpdatesLike;
use serde_json::Value;
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;

use crate::ears::{Ears, Heard};
use crate::session::FileSession;
use crate::settings;
use crate::trouble::{Told, Trouble};

/// A client and what it has to remember between orders.
pub struct Actor {
    pub(crate) client: Client,
    pub(crate) session: Arc<FileSession>,
    /// Drives the connections.
    pool: JoinHandle<()>,
    /// What comes in, until somebody listens.
    pub(crate) updates: Option<Receiver<UpdatesLike>>,
    pub(crate) ears: Option<Ears>,
    pub(crate) heard: Arc<Heard>,
    pub(crate) code: Option<(String, LoginToken)>,
    /// Whether the code was right and only the password is missing.
    pub(crate) is_code_right: bool,
    names: HashMap<String, PeerRef>,
}

impl Actor {
    /// A client with the session of this actor. It connects with its first request.
    pub fn new() -> Self {
        let home = settings::data_centre();
        let session = Arc::new(FileSession::open(settings::session(), home));
        let pool = SenderPool::with_configuration(
            Arc::clone(&session),
            settings::API_ID,
            ConnectionParams { use_ipv6: settings::use_ipv6(), ..Default::default() },
        );
        Self {
            client: Client::new(pool.handle),
            session,
            pool: tokio::spawn(pool.runner.run()),
            updates: Some(pool.updates),
            ears: None,
            heard: Arc::default(),
            code: None,
            is_code_right: false,
            names: HashMap::new(),
        }
    }

    /// Does what it is told.
    pub async fn perform(&mut self, order: &Value) -> Told {
        match order["do"].as_str().unwrap_or_default() {
            "log_in" => self.log_in(order).await,
            "log_in_bot" => self.log_in_bot(order).await,
            "resume" => self.resume().await,
            "set_password" => self.set_password(order).await,
            "resolve" => self.resolve(order).await,
            "send" => self.send(order).await,
            "edit" => self.edit(order).await,
            "delete" => self.delete(order).await,
            "read" => self.read(order).await,
            "history" => self.history(order).await,
            "send_file" => self.send_file(order).await,
            "download" => self.download(order).await,
            "typing" => self.typing(order).await,
            "press" => self.press(order).await,
            "answer" => self.answer(order).await,
            "rename" => self.rename(order).await,
            "sessions" => self.sessions().await,
            "end_session" => self.end_session(order).await,
            "catch_up" => Err(Trouble::Cannot("asks for what was missed by itself")),
            "log_out" => self.log_out().await,
            "stop" => {
                self.stop().await;
                Ok(Value::Null)
            }
            _ => Err(Trouble::Cannot("no order of this actor")),
        }
    }

    /// Writes down how far it has heard, and hangs up.
    pub async fn stop(&mut self) {
        if let Some(ears) = self.ears.take() {
            ears.close().await;
        }
        self.client.disconnect();
        // A second call finds it gone.
        if !self.pool.is_finished() {
            let _ = (&mut self.pool).await;
        }
    }

    /// A person as the library wants to have them: with the hash that it was given for them.
    pub(crate) async fn peer(&mut self, told: &Value) -> Told<PeerRef> {
        let known = told["id"].as_i64().and_then(PeerId::from_bot_api_dialog_id);
        if let Some(known) = known
            && let Some(peer) = self.session.peer_ref(known).await?
        {
            return Ok(peer);
        }
        match (told["username"].as_str(), known) {
            (Some(name), _) => self.named(name).await,
            (None, Some(stranger)) => Ok(stranger.to_ambient_ref()),
            (None, None) => Err(Trouble::named("no peer in the order")),
        }
    }

    async fn named(&mut self, name: &str) -> Told<PeerRef> {
        if let Some(peer) = self.names.get(name) {
            return Ok(*peer);
        }
        let nobody = || Trouble::named("USERNAME_NOT_OCCUPIED");
        let peer = self.client.resolve_username(name).await?.ok_or_else(nobody)?;
        let peer = peer.to_ref().await?.ok_or_else(nobody)?;
        self.names.insert(name.to_owned(), peer);
        Ok(peer)
    }
}
