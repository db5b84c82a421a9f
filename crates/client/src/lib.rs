//! The client framework: users and bots over MTProto.
//!
//! A [`Client`] is one account's connection to its data centre. It is built from an application
//! id, a session and a way to reach the data centre, and it is cheap to clone:
//!
//! ```no_run
//! # async fn run(rsa_key: heliogram_crypto::rsa::PublicKey) -> Result<(), Box<dyn std::error::Error>> {
//! use heliogram_client::{Client, session::FileSession, updates::Incoming};
//! use heliogram_ids::DcId;
//! use heliogram_tl as tl;
//!
//! let client = Client::builder()
//!     .api(12345, "0123456789abcdef0123456789abcdef")
//!     .session(FileSession::open("bot.session")?)
//!     .dc_at(DcId::new(2).ok_or("no such data centre")?, "127.0.0.1:10443", [rsa_key])
//!     .connect()
//!     .await?;
//! client.sign_in_bot("777:token").await?;
//!
//! let mut updates = client.updates()?;
//! loop {
//!     // Asking for the next update says that the last one is handled.
//!     if let Incoming::Update { update, entities: _ } = updates.next().await?
//!         && let tl::Update::UpdateNewMessage(new) = *update
//!         && let tl::Message::Message(message) = new.message
//!         && !message.out
//!     {
//!         client.send_message(&message.peer_id, message.message.as_str()).await?;
//!     }
//! }
//! # }
//! ```
//!
//! - **Where the data centre is**: [`ClientBuilder::dc`] takes a [`Connector`], which any closure
//!   that opens a byte stream is, so a pipe within the process will do. [`ClientBuilder::start`]
//!   does not wait for the connection; requests wait instead.
//! - **Any request**: [`Client::invoke`] takes any function of the schema and returns its result.
//! - **Every update**: [`Client::updates`], in order, gaps healed, from where the last run stopped.
//! - **Files**: [`Client::upload`] takes a reader, [`Client::download`] gives chunks in order from
//!   any offset. Neither holds more than a few parts in memory.
//! - **Who I am**: [`Client::me`] asks the server, [`Client::login`] looks into the session.
//!
//! An idle client costs one task and a few kilobytes; lines for files come and go with the files.

mod auth;
mod book;
mod builder;
mod chat_ref;
mod client;
mod connect;
pub mod dispatch;
mod errands;
mod error;
mod files;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod messages;
mod peers;
mod retry;
mod rpc_error;
pub mod session;
pub mod text;
pub mod updates;

pub use auth::{CodeStep, LoginStep, PasswordStep, SignUpStep};
pub use builder::ClientBuilder;
pub use chat_ref::ChatRef;
pub use client::Client;
pub use connect::{
    BoxStream, ByteStream, Connecting, Connector, Device, ProxyConnector, Status, TcpConnector,
};
pub use error::{ConnectError, InvokeError};
// A client is built with them, and so is whoever hosts one.
pub use heliogram_net::{Clock, Entropy};

pub use files::{Download, DownloadError, FileRef, Progress, Upload, UploadError};
pub use messages::{Page, SendMedia, SendMessage, Sent};
pub use peers::{PeerCache, input_peer};
pub use rpc_error::RpcError;
