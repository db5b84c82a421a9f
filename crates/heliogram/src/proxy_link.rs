//! The link by which people hand an MTProxy on.

use std::str::FromStr;

use heliogram_mtproto::transport::{BadProxyKey, ProxyKey};
use url::Url;

/// An MTProxy, as `tg://proxy?…` or `https://t.me/proxy?…` names it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ProxyLink {
    /// Name or address of its machine.
    pub(crate) server: String,
    /// Its port.
    pub(crate) port: u16,
    /// Its secret.
    pub(crate) key: ProxyKey,
}

/// Text that is no link to an MTProxy.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum BadProxyLink {
    #[error("a proxy's link reads tg://proxy?server=…&port=…&secret=…")]
    Form,
    #[error(transparent)]
    Secret(#[from] BadProxyKey),
}

impl ProxyLink {
    /// Where to connect, as `host:port`.
    pub(crate) fn address(&self) -> String {
        let Self { server, port, .. } = self;
        if server.contains(':') { format!("[{server}]:{port}") } else { format!("{server}:{port}") }
    }
}

impl FromStr for ProxyLink {
    type Err = BadProxyLink;

    fn from_str(text: &str) -> Result<Self, BadProxyLink> {
        let url = Url::parse(text).map_err(|_| BadProxyLink::Form)?;
        let is_proxy = match (url.scheme(), url.host_str()) {
            ("tg", Some("proxy")) => true,
            ("http" | "https", Some("t.me" | "telegram.me")) => url.path() == "/proxy",
            _ => false,
        };
        let said = |name: &str| {
            let found = url.query_pairs().find(|(key, _)| key == name).filter(|_| is_proxy);
            found.map(|(_, value)| value.into_owned()).ok_or(BadProxyLink::Form)
        };
        let port = said("port")?.parse().map_err(|_| BadProxyLink::Form)?;
        Ok(Self { server: said("server")?, port, key: said("secret")?.parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "dd00112233445566778899aabbccddeeff";

    #[test]
    fn a_link_names_the_proxy() {
        for start in ["tg://proxy", "https://t.me/proxy"] {
            let text = format!("{start}?server=proxy.example&port=443&secret={SECRET}");
            let link: ProxyLink = text.parse().expect("it is a link");
            assert_eq!(link.address(), "proxy.example:443");
            assert_eq!(link.key.to_link_text(), SECRET);
        }
        let text = format!("tg://proxy?server=::1&port=443&secret={SECRET}");
        assert_eq!(text.parse().map(|link: ProxyLink| link.address()), Ok("[::1]:443".to_owned()));
    }

    #[test]
    fn other_text_is_no_link() {
        let form = Err(BadProxyLink::Form);
        assert_eq!("".parse::<ProxyLink>(), form);
        assert_eq!(format!("tg://socks?server=a&port=1&secret={SECRET}").parse(), form);
        assert_eq!(format!("https://t.me/durov?server=a&port=1&secret={SECRET}").parse(), form);
        assert_eq!(format!("tg://proxy?server=a&port=70000&secret={SECRET}").parse(), form);
        let secret = Err(BadProxyLink::Secret(BadProxyKey::Kind(1)));
        assert_eq!("tg://proxy?server=a&port=1&secret=00".parse::<ProxyLink>(), secret);
    }
}
