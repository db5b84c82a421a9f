//! Files that bots name by an address: fetched here, so that any data centre will do.

use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::{Attempt, Policy};
use tempfile::TempPath;
use tokio::io::AsyncWriteExt;
use url::{Host, Url};

use crate::error::ApiError;
use crate::updates::is_reserved;

/// A file that was fetched. It is gone when this value is.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) path: TempPath,
    pub(super) size: u64,
    /// The last part of the address.
    pub(super) name: String,
    pub(super) mime_type: Option<String>,
}

/// Fetches what `address` names into a file below `spool`.
///
/// Only the public network is reached unless `local`: a bot must not look into ours.
///
/// # Errors
/// `invalid file HTTP URL specified: …`, `failed to get HTTP URL content`.
pub(super) async fn fetch(
    address: &str,
    spool: &Path,
    local: bool,
    bytes_max: u64,
) -> Result<Fetched, ApiError> {
    let url = parse(address)?;
    if !local && url.host().is_some_and(|host| is_closed(&host)) {
        return Err(failed("the address is reserved"));
    }
    let client = client(local).map_err(failed)?;
    let response = client.get(url).send().await.map_err(failed)?;
    let mut response = response.error_for_status().map_err(failed)?;
    if response.content_length().is_some_and(|length| length > bytes_max) {
        return Err(failed("the file is too big"));
    }
    let name = response.url().path_segments().and_then(|mut parts| parts.next_back());
    let name = percent_encoding::percent_decode_str(name.unwrap_or_default());
    let name = name.decode_utf8_lossy().into_owned();
    let mime_type = response.headers().get(reqwest::header::CONTENT_TYPE);
    let mime_type = mime_type.and_then(|value| value.to_str().ok());
    let mime_type = mime_type.and_then(|value| value.split(';').next());
    let mime_type = mime_type.map(|value| value.trim().to_ascii_lowercase());
    let path = tempfile::NamedTempFile::new_in(spool).map_err(|error| crate::bots::disk(&error))?;
    let path = path.into_temp_path();
    let mut file =
        tokio::fs::File::create(&path).await.map_err(|error| crate::bots::disk(&error))?;
    let mut size = 0;
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        size += chunk.len() as u64;
        if size > bytes_max {
            return Err(failed("the file is too big"));
        }
        file.write_all(&chunk).await.map_err(|error| crate::bots::disk(&error))?;
    }
    file.flush().await.map_err(|error| crate::bots::disk(&error))?;
    Ok(Fetched { path, size, name, mime_type })
}

fn parse(address: &str) -> Result<Url, ApiError> {
    let invalid =
        |why: &str| ApiError::bad_request(format!("invalid file HTTP URL specified: {why}"));
    let whole =
        if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
    let url = Url::parse(&whole).map_err(|_| invalid("URL host is empty"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid("Unsupported URL protocol"));
    }
    Ok(url)
}

fn client(local: bool) -> Result<reqwest::Client, reqwest::Error> {
    crate::tls::provide();
    let mut builder = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .timeout(TOTAL_TIMEOUT)
        .no_proxy();
    if !local {
        builder = builder.dns_resolver(Arc::new(PublicOnly)).redirect(Policy::custom(follow));
    }
    builder.build()
}

fn follow(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    if attempt.previous().len() > REDIRECTS_MAX {
        return attempt.error("too many redirects");
    }
    if attempt.url().host().is_some_and(|host| is_closed(&host)) {
        return attempt.error("the address is reserved");
    }
    attempt.follow()
}

/// Whether a host is a bare address outside the public network; names are checked when they are
/// looked up.
fn is_closed(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(_) => false,
        Host::Ipv4(ip) => is_reserved(*ip),
        Host::Ipv6(ip) => !is_public(IpAddr::V6(*ip)),
    }
}

fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => !is_reserved(ip),
        // Global unicast, less the prefixes that carry an IPv4 address inside.
        IpAddr::V6(ip) => {
            let [first, second, ..] = ip.segments();
            let carries = first == 0x2002 || (first == 0x2001 && second == 0);
            first & 0xe000 == 0x2000 && !carries
        }
    }
}

/// Looks names up and keeps the addresses of the public network.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                let error = io::Error::other("no public address");
                return Err(Box::<dyn Error + Send + Sync>::from(error));
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

fn failed(why: impl std::fmt::Display) -> ApiError {
    tracing::debug!(%why, "an address cannot be fetched");
    ApiError::bad_request("failed to get HTTP URL content")
}

const REDIRECTS_MAX: usize = 5;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const READ_TIMEOUT: Duration = Duration::from_secs(20);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(120);

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    async fn get(local: bool, body: &'static [u8], bytes_max: u64) -> Result<Fetched, ApiError> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/a%20b.txt", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await.unwrap();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(body).await.unwrap();
        });
        let spool = tempfile::tempdir().unwrap();
        fetch(&address, spool.path(), local, bytes_max).await
    }

    #[tokio::test]
    async fn our_own_network_is_reached_in_local_mode_alone() {
        let fetched = get(true, b"hello", 10).await.unwrap();
        assert_eq!((fetched.size, fetched.name.as_str()), (5, "a b.txt"));
        let refused = get(false, b"hello", 10).await.unwrap_err();
        assert_eq!(refused.description, "Bad Request: failed to get HTTP URL content");
    }

    #[tokio::test]
    async fn a_file_beyond_the_limit_is_refused() {
        assert!(get(true, b"hello", 4).await.is_err());
    }

    #[test]
    fn only_http_is_spoken() {
        let error = parse("ftp://example.com/x").unwrap_err();
        let text = "Bad Request: invalid file HTTP URL specified: Unsupported URL protocol";
        assert_eq!(error.description, text);
        assert_eq!(parse("example.com/x.png").unwrap().scheme(), "http");
    }

    #[test]
    fn addresses_within_addresses_are_seen_through() {
        let public = |text: &str| is_public(text.parse().unwrap());
        assert!(public("2606:4700::1") && public("1.1.1.1"));
        for text in ["::1", "::ffff:10.0.0.1", "fe80::1", "fd00::1", "2002:7f00:1::", "10.0.0.1"] {
            assert!(!public(text), "{text} is not of the public network");
        }
    }
}
