//! What the official Bot API server can be told on its command line, under the same names.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use clap::builder::RangedU64ValueParser;
use heliogram_botapi::Options;
use serde::Deserialize;

/// Flags of `up`, and keys of its file.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct BotApiFlags {
    /// Bot API: serve only bots whose number leaves this remainder, as REMAINDER/MODULUS
    #[arg(long, env = "HELIOGRAM_FILTER")]
    filter: Option<Filter>,
    /// Bot API: directory for uploads on their way [default: the system's]
    #[arg(long, env = "HELIOGRAM_TEMP_DIR")]
    temp_dir: Option<PathBuf>,
    /// Bot API: connections to each webhook, unless the bot says how many [default: 40]
    #[arg(long, env = "HELIOGRAM_MAX_WEBHOOK_CONNECTIONS",
        value_parser = RangedU64ValueParser::<u32>::new().range(1..=100_000))]
    max_webhook_connections: Option<u32>,
    /// Bot API: HTTP proxy through which webhooks are reached, as http://HOST:PORT
    #[arg(long, env = "HELIOGRAM_PROXY", value_name = "URL", hide_env_values = true)]
    proxy: Option<String>,
}

/// Which bots are served: those whose number leaves a remainder under a modulus.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
struct Filter {
    remainder: i64,
    modulus: i64,
}

/// Text that is no filter.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a filter reads REMAINDER/MODULUS, and the remainder is the smaller one")]
pub(crate) struct BadFilter;

impl FromStr for Filter {
    type Err = BadFilter;

    fn from_str(text: &str) -> Result<Self, BadFilter> {
        let (remainder, modulus) = text.split_once('/').ok_or(BadFilter)?;
        let remainder = remainder.parse().map_err(|_| BadFilter)?;
        let modulus = modulus.parse().map_err(|_| BadFilter)?;
        if !(0..modulus).contains(&remainder) {
            return Err(BadFilter);
        }
        Ok(Self { remainder, modulus })
    }
}

impl TryFrom<String> for Filter {
    type Error = BadFilter;

    fn try_from(text: String) -> Result<Self, BadFilter> {
        text.parse()
    }
}

impl BotApiFlags {
    /// These, and those of the file where these say nothing.
    pub(crate) fn or(self, file: Self) -> Self {
        Self {
            filter: self.filter.or(file.filter),
            temp_dir: self.temp_dir.or(file.temp_dir),
            max_webhook_connections: self.max_webhook_connections.or(file.max_webhook_connections),
            proxy: self.proxy.or(file.proxy),
        }
    }

    /// What the server is told.
    pub(crate) fn apply(&self, options: Options) -> Options {
        let filter = self.filter.map(|filter| (filter.remainder, filter.modulus));
        Options {
            filter,
            temp_dir: self.temp_dir.clone().unwrap_or(options.temp_dir),
            webhook_connections: self
                .max_webhook_connections
                .unwrap_or(options.webhook_connections),
            proxy: self.proxy.clone(),
            ..options
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_file_and_both_over_the_defaults() {
        let parse = |text| toml::from_str::<BotApiFlags>(text).expect("valid keys");
        let flags = parse("filter = \"1/3\"\ntemp-dir = \"/flag\"");
        let file = parse("temp-dir = \"/file\"\nproxy = \"http://127.0.0.1:3128\"");
        let options = flags.or(file).apply(Options::new("bots".into()));
        assert_eq!(options.filter, Some((1, 3)));
        assert_eq!(options.temp_dir, PathBuf::from("/flag"));
        assert_eq!(options.proxy.as_deref(), Some("http://127.0.0.1:3128"));
        assert_eq!(options.webhook_connections, 40);
    }

    #[test]
    fn a_filter_is_a_remainder_and_a_modulus() {
        assert_eq!("0/2".parse(), Ok(Filter { remainder: 0, modulus: 2 }));
        for text in ["", "2", "2/2", "-1/2", "1/0", "a/b", "1/2/3"] {
            assert_eq!(text.parse::<Filter>(), Err(BadFilter), "{text}");
        }
    }
}
