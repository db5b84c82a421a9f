//! Ways in through others: our own MTProxy, and balancers that speak the PROXY protocol.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use clap::Args;
use heliogram_dc::Config;
use heliogram_mtproto::transport::{BadProxyKey, ProxyDoor, ProxyKey, ProxyLimits};
use heliogram_net::{MtProxy, MtProxyLimits, ProxyProtocol};
use ipnet::{AddrParseError, IpNet};
use serde::Deserialize;

/// Flags of `up`, and keys of its file.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct ProxyFlags {
    /// Secret of an MTProxy: 32 hexadecimal digits; after dd for padded frames, or between ee and
    /// the name of a site, in hexadecimal, for fake TLS; base64 will do as well; may be repeated
    #[arg(long, env = "HELIOGRAM_MTPROXY_SECRET", value_delimiter = ',', hide_env_values = true)]
    mtproxy_secret: Vec<Secret>,
    /// Address of the MTProxy; may be repeated [default: port 8443 where clients connect]
    #[arg(long, env = "HELIOGRAM_MTPROXY_LISTEN", value_delimiter = ',')]
    mtproxy_listen: Vec<SocketAddr>,
    /// Server that talks to who comes to the MTProxy without a secret, as HOST:PORT; else nobody does
    #[arg(long, env = "HELIOGRAM_MTPROXY_FALLBACK")]
    mtproxy_fallback: Option<String>,
    /// Demand the PROXY protocol's header, version 1 or 2, in front of every connection of a client
    #[arg(long, env = "HELIOGRAM_PROXY_PROTOCOL")]
    proxy_protocol: bool,
    /// Network of those whose headers are believed; may be repeated [default: this machine]
    #[arg(long, env = "HELIOGRAM_PROXY_PROTOCOL_FROM", value_delimiter = ',')]
    proxy_protocol_from: Vec<Network>,
}

/// A secret as people write it.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
struct Secret(ProxyKey);

/// A network, or one address.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
struct Network(IpNet);

impl FromStr for Secret {
    type Err = BadProxyKey;

    fn from_str(text: &str) -> Result<Self, BadProxyKey> {
        text.parse().map(Self)
    }
}

impl TryFrom<String> for Secret {
    type Error = BadProxyKey;

    fn try_from(text: String) -> Result<Self, BadProxyKey> {
        text.parse()
    }
}

impl FromStr for Network {
    type Err = AddrParseError;

    fn from_str(text: &str) -> Result<Self, AddrParseError> {
        match text.parse::<IpAddr>() {
            Ok(address) => Ok(Self(address.into())),
            Err(_) => text.parse().map(Self),
        }
    }
}

impl TryFrom<String> for Network {
    type Error = AddrParseError;

    fn try_from(text: String) -> Result<Self, AddrParseError> {
        text.parse()
    }
}

/// What was decided about ways in through others.
#[derive(Clone, Debug)]
pub(crate) struct Proxies {
    keys: Vec<ProxyKey>,
    /// Where the MTProxy listens; nowhere if it has no keys.
    pub(crate) listen: Vec<SocketAddr>,
    fallback: Option<String>,
    /// Networks whose word counts; `None` if nobody is asked for it.
    balancers: Option<Vec<IpNet>>,
}

/// Why these settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProxyError {
    #[error("an MTProxy needs a secret: --mtproxy-secret")]
    NoSecret,
    #[error(
        "--proxy-protocol-from says whom to believe, but without --proxy-protocol nobody is asked"
    )]
    NotAsked,
}

impl Proxies {
    /// Flags win over the file; `listen` is where clients connect otherwise.
    pub(crate) fn decide(
        flags: ProxyFlags,
        file: ProxyFlags,
        listen: &[SocketAddr],
    ) -> Result<Self, ProxyError> {
        let keys = first_said(flags.mtproxy_secret, file.mtproxy_secret);
        let keys: Vec<_> = keys.into_iter().map(|Secret(key)| key).collect();
        let mut own = first_said(flags.mtproxy_listen, file.mtproxy_listen);
        let fallback = flags.mtproxy_fallback.or(file.mtproxy_fallback);
        if keys.is_empty() && (!own.is_empty() || fallback.is_some()) {
            return Err(ProxyError::NoSecret);
        }
        if !keys.is_empty() && own.is_empty() {
            own.extend(listen.first().map(|address| SocketAddr::new(address.ip(), PORT)));
        }
        let from = first_said(flags.proxy_protocol_from, file.proxy_protocol_from);
        let networks = from.into_iter().map(|Network(network)| network).collect();
        let balancers = match flags.proxy_protocol || file.proxy_protocol {
            true => Some(first_said(networks, this_machine())),
            false if networks.is_empty() => None,
            false => return Err(ProxyError::NotAsked),
        };
        Ok(Self { keys, listen: own, fallback, balancers })
    }

    /// The MTProxy, if there is to be one.
    pub(crate) fn mtproxy(&self, dc: &Config) -> Option<Arc<MtProxy>> {
        if self.keys.is_empty() {
            return None;
        }
        let dc_ids = std::iter::once(dc.dc_id).chain(dc.further.iter().map(|dc| dc.id));
        let door = ProxyDoor::new(self.keys.clone(), dc_ids.collect(), ProxyLimits::DEFAULT);
        let mtproxy = MtProxy::new(door, self.fallback.clone(), MtProxyLimits::DEFAULT);
        Some(Arc::new(mtproxy))
    }

    /// What is demanded of balancers, if they are.
    pub(crate) fn proxy_protocol(&self) -> Option<Arc<ProxyProtocol>> {
        let trusted = self.balancers.clone()?;
        Some(Arc::new(ProxyProtocol::from_networks(trusted)))
    }

    /// Links by which people add the proxy to their clients. Where it listens everywhere, they name
    /// the machine as `advertised` does.
    pub(crate) fn links(&self, advertised: &[SocketAddr]) -> impl Iterator<Item = String> {
        self.listen.iter().flat_map(|address| {
            let server = match (address.ip(), advertised.first()) {
                (ip, None) if ip.is_unspecified() => "YOUR-ADDRESS".to_owned(),
                (ip, Some(advertised)) if ip.is_unspecified() => advertised.ip().to_string(),
                (ip, _) => ip.to_string(),
            };
            self.keys.iter().map(move |key| {
                let (port, secret) = (address.port(), key.to_link_text());
                format!("tg://proxy?server={server}&port={port}&secret={secret}")
            })
        })
    }
}

/// The first of two lists that says something.
fn first_said<T>(flags: Vec<T>, file: Vec<T>) -> Vec<T> {
    if flags.is_empty() { file } else { flags }
}

fn this_machine() -> Vec<IpNet> {
    let loopback = IpNet::new([127, 0, 0, 0].into(), 8).expect("8 bits of 32");
    vec![loopback, IpAddr::from(std::net::Ipv6Addr::LOCALHOST).into()]
}

/// Where an MTProxy is usually found when 443 is taken.
const PORT: u16 = 8443;

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "dd00112233445566778899aabbccddeeff";

    fn flags(toml: &str) -> ProxyFlags {
        toml::from_str(toml).expect("valid keys")
    }

    fn decide(toml: &str) -> Result<Proxies, ProxyError> {
        let listen = ["127.0.0.1:7700".parse().expect("an address")];
        Proxies::decide(ProxyFlags::default(), flags(toml), &listen)
    }

    #[test]
    fn a_secret_makes_a_proxy_with_a_link() {
        let proxies = decide(&format!("mtproxy-secret = [\"{SECRET}\"]")).expect("it fits");
        let links: Vec<_> = proxies.links(&[]).collect();
        let expected = format!("tg://proxy?server=127.0.0.1&port=8443&secret={SECRET}");
        assert_eq!(links, [expected]);
        assert!(proxies.proxy_protocol().is_none());
        assert_eq!(decide("").expect("it fits").links(&[]).count(), 0);
    }

    #[test]
    fn a_link_names_a_machine_that_can_be_reached() {
        let everywhere = "mtproxy-listen = [\"0.0.0.0:443\"]";
        let toml = format!("mtproxy-secret = [\"{SECRET}\"]\n{everywhere}");
        let proxies = decide(&toml).expect("it fits");
        let server = |advertised: &[SocketAddr]| {
            let link = proxies.links(advertised).next().expect("one secret, one address");
            link.split(['=', '&']).nth(1).map(str::to_owned)
        };
        assert_eq!(server(&[]).as_deref(), Some("YOUR-ADDRESS"));
        let advertised = "192.0.2.1:7700".parse().expect("an address");
        assert_eq!(server(&[advertised]).as_deref(), Some("192.0.2.1"));
    }

    #[test]
    fn half_a_proxy_is_refused() {
        let half = decide("mtproxy-listen = [\"127.0.0.1:1\"]");
        assert!(matches!(half, Err(ProxyError::NoSecret)));
        let half = decide("proxy-protocol-from = [\"10.0.0.0/8\"]");
        assert!(matches!(half, Err(ProxyError::NotAsked)));
        let bad = toml::from_str::<ProxyFlags>("mtproxy-secret = [\"dd00\"]").unwrap_err();
        assert!(bad.to_string().contains("none of the known kinds"), "{bad}");
    }

    #[test]
    fn balancers_are_this_machine_unless_networks_are_named() {
        let networks = |toml| decide(toml).expect("it fits").balancers.expect("they are asked");
        assert_eq!(networks("proxy-protocol = true"), this_machine());
        let named = "proxy-protocol = true\nproxy-protocol-from = [\"10.0.0.0/8\", \"192.0.2.1\"]";
        let expected = ["10.0.0.0/8", "192.0.2.1/32"].map(|text| text.parse().expect("a network"));
        assert_eq!(networks(named), expected);
    }
}
