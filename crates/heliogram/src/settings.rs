//! What `up` runs with: flags, then environment, then the configuration file, then defaults.

use std::net::SocketAddr;
use std::path::PathBuf;

use heliogram_dc::{CodeDelivery, Config, Limits, Mode};
use heliogram_ids::DcId;
use serde::Deserialize;

use crate::cli::Up;

/// The configuration file. Keys are named like the flags of `up`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    data: Option<PathBuf>,
    #[serde(default)]
    listen: Vec<SocketAddr>,
    bot_api: Option<SocketAddr>,
    dc_id: Option<i32>,
    #[serde(default)]
    dev: bool,
    #[serde(default)]
    production: bool,
    #[serde(default)]
    force_dev: bool,
    #[serde(default)]
    ephemeral: bool,
    #[serde(default)]
    accept_loss: bool,
    code_hook: Option<PathBuf>,
    #[serde(default)]
    local: bool,
}

/// Everything decided.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) data: PathBuf,
    pub(crate) listen: Vec<SocketAddr>,
    pub(crate) bot_api: SocketAddr,
    pub(crate) ephemeral: bool,
    pub(crate) accept_loss: bool,
    pub(crate) local: bool,
    pub(crate) dc: Config,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{}: {source}", path.display())]
    Parse { path: PathBuf, source: toml::de::Error },
    #[error("data centre {0} does not exist: numbers run from 1 to 1000")]
    DcId(i32),
    #[error(
        "development mode is open to everybody who reaches {0}; use --production, or --force-dev if you mean it"
    )]
    PublicDev(SocketAddr),
    #[error("development and production mode at once")]
    BothModes,
}

impl Settings {
    /// Puts the three sources together.
    ///
    /// # Errors
    /// If the file is unreadable or contradicts itself, and for development mode in public.
    pub(crate) fn decide(up: Up) -> Result<Self, SettingsError> {
        let file = match &up.config {
            Some(path) => read(path)?,
            None => File::default(),
        };
        let listen = if up.listen.is_empty() { file.listen } else { up.listen };
        let listen = if listen.is_empty() { vec![([127, 0, 0, 1], 7700).into()] } else { listen };
        let bot_api = up.bot_api.or(file.bot_api).unwrap_or_else(|| ([127, 0, 0, 1], 8081).into());
        let number = up.dc_id.or(file.dc_id).unwrap_or(2);
        let dc_id = DcId::new(number).ok_or(SettingsError::DcId(number))?;

        // A mode on the command line settles what the file says.
        let (dev, production) = match (up.dev, up.production) {
            (false, false) => (file.dev, file.production),
            said => said,
        };
        if dev && production {
            return Err(SettingsError::BothModes);
        }
        let public = listen.iter().chain([&bot_api]).find(|address| !address.ip().is_loopback());
        let mode = match public {
            Some(address) if dev && !(up.force_dev || file.force_dev) => {
                return Err(SettingsError::PublicDev(*address));
            }
            Some(_) if !dev => Mode::Production,
            _ if production => Mode::Production,
            _ => Mode::Development,
        };
        let code_delivery =
            up.code_hook.or(file.code_hook).map_or(CodeDelivery::LogOnly, CodeDelivery::Hook);
        Ok(Self {
            data: up.data.or(file.data).unwrap_or_else(|| "heliogram-data".into()),
            bot_api,
            ephemeral: up.ephemeral || file.ephemeral,
            accept_loss: up.accept_loss || file.accept_loss,
            local: up.local || file.local,
            dc: Config {
                dc_id,
                mode,
                addresses: listen.clone(),
                code_delivery,
                limits: Limits::DEFAULT,
            },
            listen,
        })
    }
}

fn read(path: &PathBuf) -> Result<File, SettingsError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| SettingsError::Read { path: path.clone(), source })?;
    toml::from_str(&text).map_err(|source| SettingsError::Parse { path: path.clone(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn up(listen: &str) -> Up {
        Up { listen: vec![listen.parse().expect("an address")], ..Up::default() }
    }

    #[test]
    fn loopback_is_development_unless_said_otherwise() {
        let settings = Settings::decide(Up::default()).expect("the defaults fit");
        assert_eq!(settings.dc.mode, Mode::Development);
        assert_eq!(settings.listen, ["127.0.0.1:7700".parse().expect("an address")]);
        let strict = Settings::decide(Up { production: true, ..Up::default() }).expect("it fits");
        assert_eq!(strict.dc.mode, Mode::Production);
    }

    #[test]
    fn development_mode_in_public_has_to_be_forced() {
        assert_eq!(
            Settings::decide(up("0.0.0.0:7700")).expect("it fits").dc.mode,
            Mode::Production
        );
        let dev = Up { dev: true, ..up("0.0.0.0:7700") };
        assert!(matches!(Settings::decide(dev.clone()), Err(SettingsError::PublicDev(_))));
        let forced = Settings::decide(Up { force_dev: true, ..dev }).expect("it is forced");
        assert_eq!(forced.dc.mode, Mode::Development);
    }

    #[test]
    fn flags_win_over_the_file() {
        let dir = std::env::temp_dir().join(format!("heliogram-settings-{}", std::process::id()));
        std::fs::write(&dir, "dc-id = 4\nbot-api = \"127.0.0.1:9000\"\n").expect("a file");
        let up = Up { config: Some(dir.clone()), dc_id: Some(3), ..Up::default() };
        let settings = Settings::decide(up).expect("they fit");
        assert_eq!(settings.dc.dc_id.get(), 3);
        assert_eq!(settings.bot_api.port(), 9000);
        std::fs::remove_file(dir).expect("it is there");
    }
}
