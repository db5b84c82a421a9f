//! The ways to the cloud that a manifest may name.

use serde::Deserialize;

/// A way from a client to the cloud.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Transport {
    Full,
    Abridged,
    Intermediate,
    Padded,
    ObfuscatedAbridged,
    ObfuscatedIntermediate,
    ObfuscatedPadded,
    Websocket,
    WebsocketTls,
    Http,
    Mtproxy,
    MtproxyTls,
    Ipv6,
    /// What Bot API clients have; no manifest names it.
    #[serde(skip)]
    BotApi,
}

impl Transport {
    /// The name in manifests, in the environment of actors, and on the command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Abridged => "abridged",
            Self::Intermediate => "intermediate",
            Self::Padded => "padded",
            Self::ObfuscatedAbridged => "obfuscated-abridged",
            Self::ObfuscatedIntermediate => "obfuscated-intermediate",
            Self::ObfuscatedPadded => "obfuscated-padded",
            Self::Websocket => "websocket",
            Self::WebsocketTls => "websocket-tls",
            Self::Http => "http",
            Self::Mtproxy => "mtproxy",
            Self::MtproxyTls => "mtproxy-tls",
            Self::Ipv6 => "ipv6",
            Self::BotApi => "bot-api",
        }
    }

    /// The secret that a client needs, in hexadecimal.
    pub(super) fn secret(self) -> Option<&'static str> {
        match self {
            Self::Mtproxy => Some(PADDED_SECRET),
            Self::MtproxyTls => Some(TLS_SECRET),
            _ => None,
        }
    }
}

/// `dd`: only padded frames.
const PADDED_SECRET: &str = "dd00112233445566778899aabbccddeeff";
/// `ee`: fake TLS for the domain `example.org`.
const TLS_SECRET: &str = "ee00112233445566778899aabbccddeeff6578616d706c652e6f7267";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_and_actors_use_the_same_names() {
        for name in ["full", "obfuscated-padded", "websocket-tls", "mtproxy-tls", "ipv6"] {
            let parsed: Transport = serde_json::from_value(name.into()).unwrap();
            assert_eq!(parsed.name(), name);
        }
        assert!(serde_json::from_str::<Transport>("\"bot-api\"").is_err());
    }
}
