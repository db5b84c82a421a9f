//! The Bot API server beside the data centre: a client of it, over a pipe instead of a socket.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use heliogram_botapi::{Bots, Limits, Options, Upstream};
use heliogram_client::Client;
use heliogram_crypto::rsa::PublicKey;
use heliogram_dc::Server;
use heliogram_net::Clock;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::settings::Settings;

/// How long running requests may take when the server stops.
const PATIENCE: Duration = Duration::from_secs(5);

/// A running Bot API server.
pub(crate) struct BotApi {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
    bots: Arc<Bots>,
    /// Where an ephemeral cloud keeps the sessions of its bots.
    _scratch: Option<tempfile::TempDir>,
}

/// Starts it on a listener.
pub(crate) fn start(
    settings: &Settings,
    server: &Arc<Server>,
    listener: TcpListener,
    clock: Clock,
) -> Result<BotApi, Box<dyn Error>> {
    let scratch = if settings.ephemeral { Some(tempfile::tempdir()?) } else { None };
    let dir =
        scratch.as_ref().map_or_else(|| settings.data.join("bots"), |dir| dir.path().to_owned());
    let key = PublicKey::from_pem(server.public_key_pem())?;
    let (knower, server, dc_id) = (Arc::clone(server), Arc::clone(server), settings.dc.dc_id);
    let upstream = Upstream::new(move || {
        let server = Arc::clone(&server);
        let pipe = move || {
            let pipe = server.pipe().map_err(io::Error::other);
            async move { pipe }
        };
        // The data centre in this process asks for no application of anybody's.
        Client::builder().api(1, "heliogram").dc(dc_id, pipe, [key])
    });
    let upstream = upstream.that_knows(move |token| knower.knows_bot(token));
    let options = settings.bots.apply(Options::new(dir));
    // Each connection of a bot is one of this process; most descriptors are for those of clients.
    let connections_max = options.limits.connections_max.min(heliogram_net::descriptors_max() / 8);
    let limits = Limits { connections_max, ..options.limits };
    let (local, upstream) = (settings.local, Some(upstream));
    let options = Options { local, upstream, clock, limits, ..options };
    let bots = Arc::new(Bots::new(options)?);
    bots.resume()?;

    let (stop, stopped) = oneshot::channel();
    let served = Arc::clone(&bots);
    let task = tokio::spawn(async move {
        let until = async {
            // Dropped without a word is a stop too.
            let _ = stopped.await;
        };
        if let Err(error) = heliogram_botapi::serve(listener, served, until).await {
            tracing::error!(%error, "the Bot API server failed");
        }
    });
    Ok(BotApi { stop, task, bots, _scratch: scratch })
}

impl BotApi {
    /// Has everything shown that is counted and measured here.
    pub(crate) fn register(&self, registry: &mut Registry) {
        self.bots.register(registry);
    }

    /// Lets requests finish, writes down how far each bot has come, and stops.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        if tokio::time::timeout(PATIENCE, self.task).await.is_err() {
            tracing::warn!("Bot API requests were cut off");
        }
        self.bots.stop().await;
    }
}
