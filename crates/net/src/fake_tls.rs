//! The way to a proxy that pretends to be a site.

use std::io;

use heliogram_ids::Timestamp;
use heliogram_mtproto::transport::{FakeTlsClient, ProxySecret};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::masked::{Masked, unfit};
use crate::{OsRandom, Rewound};

/// Visits the site `domain` on a stream that was just connected. What is written to the result
/// reaches the proxy in records of TLS, and should open with an obfuscated preamble.
///
/// # Errors
/// The other side is no proxy that knows the secret, or hangs up.
pub async fn open_fake_tls<S>(
    mut stream: S,
    secret: ProxySecret,
    domain: &str,
    now: Timestamp,
) -> io::Result<impl AsyncRead + AsyncWrite + Send + Unpin + use<S>>
where
    S: AsyncRead + AsyncWrite + Send + Unpin,
{
    let mut buffer = Vec::with_capacity(READ_BYTES);
    let mut client = FakeTlsClient::start(secret, domain, now, &mut OsRandom, &mut buffer);
    stream.write_all(&buffer).await?;
    stream.flush().await?;
    loop {
        buffer.clear();
        if stream.read_buf(&mut buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let len = client.open(&mut buffer).map_err(unfit)?;
        if client.is_open() {
            buffer.truncate(len);
            return Ok(Rewound::new(buffer, Masked::new(stream, client)));
        }
    }
}

/// Room for the longest answer that proxies are known to give.
const READ_BYTES: usize = 8 << 10;
