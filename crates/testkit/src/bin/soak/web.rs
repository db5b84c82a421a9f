//! HTTP: a kept-alive connection to the Bot API, and single pages.

use std::error::Error;
use std::net::SocketAddr;

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// A bot's connection.
pub(crate) struct Web {
    token: String,
    sender: SendRequest<Full<Bytes>>,
}

impl Web {
    /// Connects.
    ///
    /// # Errors
    /// If nobody is there.
    pub(crate) async fn open(
        address: SocketAddr,
        token: String,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { token, sender })
    }

    /// Asks for a method with arguments in JSON; what it returns.
    ///
    /// # Errors
    /// If the connection breaks, or with what the server says instead.
    pub(crate) async fn call(
        &mut self,
        method: &str,
        arguments: &Value,
    ) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let request = Request::post(format!("/bot{}/{method}", self.token))
            .header("host", "localhost")
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(arguments.to_string())))?;
        let body = self.sender.send_request(request).await?.into_body().collect().await?;
        let mut answer: Value = serde_json::from_slice(&body.to_bytes())?;
        match answer.get_mut("result") {
            Some(result) => Ok(result.take()),
            None => Err(format!("{method}: {answer}").into()),
        }
    }
}

/// A page, over a connection of its own.
///
/// # Errors
/// If nobody is there, or answers with anything but 200.
pub(crate) async fn page(
    address: SocketAddr,
    path: &str,
) -> Result<String, Box<dyn Error + Send + Sync>> {
    let (mut sender, connection) =
        handshake(TokioIo::new(TcpStream::connect(address).await?)).await?;
    tokio::spawn(connection);
    let request = Request::get(path).header("host", "localhost").body(Full::<Bytes>::default())?;
    let answer = sender.send_request(request).await?;
    if answer.status() != StatusCode::OK {
        return Err(format!("{path}: {}", answer.status()).into());
    }
    Ok(String::from_utf8(answer.into_body().collect().await?.to_bytes().into())?)
}
