//! What a bot set for its webhook, and the file that keeps it.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::kinds::Allowed;
use crate::error::ApiError;

/// Where a bot's updates are sent.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Hook {
    pub(crate) url: Url,
    /// Sent back in `X-Telegram-Bot-Api-Secret-Token`.
    pub(crate) secret: Option<String>,
    /// Fixes the address: the name is not resolved.
    pub(crate) ip_address: Option<IpAddr>,
    pub(crate) max_connections: u32,
    /// Whether `cert.pem` in the bot's folder is the only trust root.
    pub(crate) certificate: bool,
}

/// Everything about updates that survives a restart, the queue apart.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Stored {
    hook: Option<Hook>,
    allowed: Option<u64>,
    /// Of the same without this field: a changed letter would lead to somebody else's server.
    /// Absent in files from before there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    crc32: Option<u32>,
}

const PORTS: [u16; 4] = [80, 88, 443, 8443];
const SECRET_CHARS_MAX: usize = 256;
const KEPT: &str = "kept";

impl Hook {
    /// The stored settings of a bot: its webhook, and the kinds of updates it wants.
    ///
    /// # Errors
    /// The file is there and cannot be read, or is not what was written.
    pub(crate) fn load(folder: &Path) -> io::Result<(Option<Self>, Allowed)> {
        let path = file(folder);
        let mut stored: Stored = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| damaged(&path, &error))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if path.with_extension(KEPT).exists() {
                    return Err(damaged(&path, &"it is missing"));
                }
                Stored::default()
            }
            Err(error) => return Err(error),
        };
        let crc32 = stored.crc32.take();
        if crc32.is_some_and(|crc32| crc32 != stored.sum()) {
            return Err(damaged(&path, &"its checksum is another"));
        }
        Ok((stored.hook, stored.allowed.map(Allowed::from_mask).unwrap_or_default()))
    }

    /// Writes the settings beside the old ones, then puts them in their place.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(crate) fn store(hook: Option<&Self>, allowed: Allowed, folder: &Path) -> io::Result<()> {
        let mut stored = Stored { hook: hook.cloned(), allowed: Some(allowed.mask()), crc32: None };
        stored.crc32 = Some(stored.sum());
        let path = file(folder);
        let temporary = path.with_extension("new");
        fs::write(&temporary, serde_json::to_vec(&stored)?)?;
        fs::rename(temporary, &path)?;
        // Says that there are settings, should they ever be gone.
        fs::write(path.with_extension(KEPT), b"")
    }

    /// Reads the address that a bot gives. Without a scheme it is https.
    pub(crate) fn parse_url(text: &str, local: bool) -> Result<Url, ApiError> {
        let invalid = |_| ApiError::bad_request("invalid webhook URL specified");
        let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let mut url = Url::parse(&full).map_err(invalid)?;
        url.set_fragment(None);
        if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
            return Err(ApiError::bad_request("invalid webhook URL specified"));
        }
        if local {
            return Ok(url);
        }
        if url.scheme() != "https" {
            return Err(bad_webhook("An HTTPS URL must be provided for webhook"));
        }
        if !url.port_or_known_default().is_some_and(|port| PORTS.contains(&port)) {
            return Err(bad_webhook("Webhook can be set up only on ports 80, 88, 443 or 8443"));
        }
        Ok(url)
    }

    /// Reads `secret_token`.
    pub(crate) fn parse_secret(text: &str) -> Result<Option<String>, ApiError> {
        if text.len() > SECRET_CHARS_MAX {
            return Err(ApiError::bad_request("secret token is too long"));
        }
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if !text.bytes().all(allowed) {
            return Err(ApiError::bad_request("secret token contains unallowed characters"));
        }
        Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
    }

    /// The address to connect to: the fixed one, or what the name resolves to.
    pub(crate) async fn resolve(&self, local: bool) -> Result<SocketAddr, ApiError> {
        let port = self.url.port_or_known_default().unwrap_or(443);
        let found: Vec<IpAddr> = match (self.ip_address, self.url.host()) {
            (Some(ip), _) => vec![ip],
            (None, Some(Host::Ipv4(ip))) => vec![ip.into()],
            (None, Some(Host::Ipv6(ip))) => vec![ip.into()],
            (None, Some(Host::Domain(name))) => {
                let found = tokio::net::lookup_host((name, port))
                    .await
                    .map_err(|error| bad_webhook(&format!("Failed to resolve host: {error}")))?;
                found.map(|address| address.ip()).collect()
            }
            (None, None) => Vec::new(),
        };
        choose(&found, local).map(|ip| SocketAddr::new(ip, port))
    }
}

impl Stored {
    /// The checksum, over everything but itself.
    fn sum(&self) -> u32 {
        let bytes = serde_json::to_vec(&Self { crc32: None, ..self.clone() });
        crc32fast::hash(&bytes.unwrap_or_default())
    }
}

fn damaged(path: &Path, why: &dyn std::fmt::Display) -> io::Error {
    let path = path.display();
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!(
            "{path} is damaged: {why}; restore it from a backup, or remove webhook.* and set the webhook again"
        ),
    )
}

/// The address that may be used, of those a name has.
fn choose(found: &[IpAddr], local: bool) -> Result<IpAddr, ApiError> {
    let first = found.iter().find(|ip| ip.is_ipv4()).or_else(|| found.first().filter(|_| local));
    let Some(ip) = first.copied() else {
        let reason = if found.is_empty() {
            "Failed to resolve host: No address associated with hostname"
        } else {
            "IPv6-only addresses are not allowed"
        };
        return Err(bad_webhook(reason));
    };
    match ip {
        IpAddr::V4(ip) if !local && is_reserved(ip) => {
            Err(bad_webhook(&format!("IP address {ip} is reserved")))
        }
        ip => Ok(ip),
    }
}

/// Addresses that do not belong to the public network.
pub(crate) fn is_reserved(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    a == 0
        || a >= 224
        || ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_documentation()
        || (a == 100 && (64..128).contains(&b))
        || (a == 198 && (b == 18 || b == 19))
        || ip.octets().starts_with(&[192, 0, 0])
}

pub(super) fn bad_webhook(reason: &str) -> ApiError {
    ApiError::bad_request(format!("bad webhook: {reason}"))
}

fn file(folder: &Path) -> PathBuf {
    folder.join("webhook.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, local: bool, expected: Result<&str, &str>) {
        let found = Hook::parse_url(text, local);
        let found = found.as_ref().map(Url::as_str).map_err(|error| error.description.as_str());
        assert_eq!(found, expected);
    }

    #[test]
    fn the_cloud_takes_only_https_on_four_ports() {
        check("example.com/x#y", false, Ok("https://example.com/x"));
        check(
            "http://example.com",
            false,
            Err("Bad Request: bad webhook: An HTTPS URL must be provided for webhook"),
        );
        check(
            "https://example.com:444/",
            false,
            Err(
                "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
            ),
        );
        check("http://localhost:5000/", true, Ok("http://localhost:5000/"));
        check("https://", false, Err("Bad Request: invalid webhook URL specified"));
    }

    #[test]
    fn private_addresses_are_for_local_servers() {
        let private = [IpAddr::from([10, 0, 0, 1])];
        assert!(choose(&private, true).is_ok());
        assert_eq!(
            choose(&private, false).unwrap_err().description,
            "Bad Request: bad webhook: IP address 10.0.0.1 is reserved"
        );
        let v6 = [IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])];
        assert_eq!(
            choose(&v6, false).unwrap_err().description,
            "Bad Request: bad webhook: IPv6-only addresses are not allowed"
        );
    }

    #[test]
    fn settings_survive_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Hook::load(folder.path()).unwrap(), (None, Allowed::default()));
        let hook = Hook {
            url: Url::parse("https://example.com/x").unwrap(),
            secret: Some("s".to_owned()),
            ip_address: None,
            max_connections: 40,
            certificate: false,
        };
        let allowed = Allowed::parse(r#"["poll"]"#).unwrap();
        Hook::store(Some(&hook), allowed, folder.path()).unwrap();
        assert_eq!(Hook::load(folder.path()).unwrap(), (Some(hook), allowed));
    }

    #[test]
    fn settings_that_are_not_what_was_written_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let hook = Hook {
            url: Url::parse("https://example.com/x").unwrap(),
            secret: None,
            ip_address: None,
            max_connections: 40,
            certificate: false,
        };
        Hook::store(Some(&hook), Allowed::default(), folder.path()).unwrap();
        let path = file(folder.path());
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("example", "exemple")).unwrap();
        let error = Hook::load(folder.path()).unwrap_err().to_string();
        assert!(error.contains("webhook.json") && error.contains("checksum"), "{error}");
        fs::remove_file(&path).unwrap();
        let error = Hook::load(folder.path()).unwrap_err().to_string();
        assert!(error.contains("webhook.json") && error.contains("missing"), "{error}");
        // A file of an earlier release has none.
        let (old, _) = text.split_once(",\"crc32\"").unwrap();
        fs::write(&path, format!("{old}}}")).unwrap();
        assert_eq!(Hook::load(folder.path()).unwrap().0, Some(hook));
    }
}
