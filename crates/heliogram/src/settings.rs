//! What `up` runs with: flags, then environment, then the configuration file, then defaults.

use std::net::SocketAddr;
use std::path::PathBuf;

use heliogram_dc::{CodeDelivery, Config, FurtherDc, Limits, Mode};
use heliogram_ids::DcId;
use serde::Deserialize;

use crate::bot_api_flags::BotApiFlags;
use crate::cli::Up;
use crate::dc_listen::DcListen;
use crate::proxy::{Proxies, ProxyError, ProxyFlags};

/// The configuration file. Keys are named like the flags of `up`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    data: Option<PathBuf>,
    #[serde(default)]
    listen: Vec<SocketAddr>,
    #[serde(default)]
    advertise: Vec<SocketAddr>,
    bot_api: Option<SocketAddr>,
    metrics: Option<SocketAddr>,
    dc_id: Option<Numbers>,
    #[serde(default)]
    dc_listen: Vec<DcListen>,
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
    tls_certificate: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    #[serde(flatten)]
    bots: BotApiFlags,
    #[serde(flatten)]
    proxy: ProxyFlags,
}

/// One number, or several in brackets.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Numbers {
    One(i32),
    Several(Vec<i32>),
}

/// Everything decided.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) data: PathBuf,
    pub(crate) listen: Vec<SocketAddr>,
    /// What clients are told to dial; empty if it is what they dialled.
    pub(crate) advertise: Vec<SocketAddr>,
    pub(crate) bot_api: SocketAddr,
    /// Where operators look, if they do.
    pub(crate) metrics: Option<SocketAddr>,
    pub(crate) ephemeral: bool,
    pub(crate) accept_loss: bool,
    pub(crate) local: bool,
    /// Certificate and private key for clients that open with TLS.
    pub(crate) tls: Option<(PathBuf, PathBuf)>,
    pub(crate) bots: BotApiFlags,
    pub(crate) proxies: Proxies,
    /// Seconds by which the clock is wrong.
    pub(crate) clock_offset: i64,
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
    #[error("data centre {0} is named twice")]
    DcTwice(DcId),
    #[error("data centre {0} gets an address by --dc-listen, but is not a further one of --dc-id")]
    DcListen(i32),
    #[error("no port is left above {0} for data centre {1}; name one with --dc-listen")]
    DcPort(SocketAddr, DcId),
    #[error(
        "development mode is open to everybody who reaches {0}; use --production, or --force-dev if you mean it"
    )]
    PublicDev(SocketAddr),
    #[error("a clock that is wrong by intention is for development mode")]
    ClockOffset,
    #[error("development and production mode at once")]
    BothModes,
    #[error("a certificate needs its key, and a key its certificate: give both or neither")]
    HalfTls,
    #[error(transparent)]
    Proxy(#[from] ProxyError),
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
        let numbers = match file.dc_id {
            _ if !up.dc_id.is_empty() => up.dc_id,
            Some(Numbers::Several(numbers)) if !numbers.is_empty() => numbers,
            Some(Numbers::One(number)) => vec![number],
            _ => vec![2],
        };
        let own = if up.dc_listen.is_empty() { file.dc_listen } else { up.dc_listen };
        let (dc_id, further) = decide_dcs(&numbers, &listen, &own)?;

        // A mode on the command line settles what the file says.
        let (dev, production) = match (up.dev, up.production) {
            (false, false) => (file.dev, file.production),
            said => said,
        };
        if dev && production {
            return Err(SettingsError::BothModes);
        }
        let proxies = Proxies::decide(up.proxy, file.proxy, &listen)?;
        let all = proxies
            .listen
            .iter()
            .chain(further.iter().flat_map(|dc| &dc.addresses))
            .chain(&listen)
            .chain([&bot_api]);
        let public = all.into_iter().find(|address| !address.ip().is_loopback());
        let mode = match public {
            Some(address) if dev && !(up.force_dev || file.force_dev) => {
                return Err(SettingsError::PublicDev(*address));
            }
            Some(_) if !dev => Mode::Production,
            _ if production => Mode::Production,
            _ => Mode::Development,
        };
        if mode == Mode::Production && up.clock_offset.is_some() {
            return Err(SettingsError::ClockOffset);
        }
        let tls = both(up.tls_certificate.or(file.tls_certificate), up.tls_key.or(file.tls_key))?;
        let code_delivery =
            up.code_hook.or(file.code_hook).map_or(CodeDelivery::LogOnly, CodeDelivery::Hook);
        Ok(Self {
            data: up.data.or(file.data).unwrap_or_else(|| "heliogram-data".into()),
            bot_api,
            metrics: up.metrics.or(file.metrics),
            ephemeral: up.ephemeral || file.ephemeral,
            accept_loss: up.accept_loss || file.accept_loss,
            local: up.local || file.local,
            tls,
            bots: up.bots.or(file.bots),
            proxies,
            clock_offset: up.clock_offset.unwrap_or_default(),
            dc: Config {
                dc_id,
                further,
                mode,
                addresses: listen.clone(),
                code_delivery,
                limits: Limits::DEFAULT,
            },
            listen,
            advertise: if up.advertise.is_empty() { file.advertise } else { up.advertise },
        })
    }
}

/// The first data centre, and the others with their addresses: those that were named, or else those
/// of the first with higher ports. A port that the system chooses is chosen for each.
fn decide_dcs(
    numbers: &[i32],
    listen: &[SocketAddr],
    own: &[DcListen],
) -> Result<(DcId, Vec<FurtherDc>), SettingsError> {
    let mut ids = Vec::with_capacity(numbers.len());
    for number in numbers {
        let id = DcId::new(*number).ok_or(SettingsError::DcId(*number))?;
        if ids.contains(&id) {
            return Err(SettingsError::DcTwice(id));
        }
        ids.push(id);
    }
    let (first, others) = ids.split_first().ok_or(SettingsError::DcId(0))?;
    if let Some(stray) = own.iter().find(|own| others.iter().all(|id| id.get() != own.dc)) {
        return Err(SettingsError::DcListen(stray.dc));
    }
    let further = (1..).zip(others).map(|(above, id)| {
        let named = own.iter().filter(|own| own.dc == id.get()).map(|own| own.address);
        let mut addresses: Vec<SocketAddr> = named.collect();
        if addresses.is_empty() {
            let higher = |address: &SocketAddr| higher(*address, above, *id);
            addresses = listen.iter().map(higher).collect::<Result<_, _>>()?;
        }
        Ok(FurtherDc { id: *id, addresses })
    });
    Ok((*first, further.collect::<Result<_, SettingsError>>()?))
}

fn higher(address: SocketAddr, above: u16, id: DcId) -> Result<SocketAddr, SettingsError> {
    let port = match address.port() {
        0 => 0,
        port => port.checked_add(above).ok_or(SettingsError::DcPort(address, id))?,
    };
    Ok(SocketAddr::new(address.ip(), port))
}

fn both(
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
) -> Result<Option<(PathBuf, PathBuf)>, SettingsError> {
    if certificate.is_some() != key.is_some() {
        return Err(SettingsError::HalfTls);
    }
    Ok(certificate.zip(key))
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
    fn half_a_certificate_is_none() {
        let half = Up { tls_key: Some("key.pem".into()), ..Up::default() };
        assert!(matches!(Settings::decide(half.clone()), Err(SettingsError::HalfTls)));
        let whole = Up { tls_certificate: Some("certificate.pem".into()), ..half };
        assert!(Settings::decide(whole).expect("it is whole").tls.is_some());
    }

    #[test]
    fn the_file_has_the_keys_of_all_flags_and_no_others() {
        let known = "filter = \"0/2\"\nmtproxy-listen = [\"127.0.0.1:1\"]\nlocal = true";
        assert!(toml::from_str::<File>(known).is_ok());
        let unknown = toml::from_str::<File>("mtproxy-lisen = []").unwrap_err();
        assert!(unknown.to_string().contains("mtproxy-lisen"), "{unknown}");
    }

    #[test]
    fn flags_win_over_the_file() {
        let dir = std::env::temp_dir().join(format!("heliogram-settings-{}", std::process::id()));
        std::fs::write(
            &dir,
            "dc-id = 4\nbot-api = \"127.0.0.1:9000\"\nmetrics = \"127.0.0.1:9100\"\n",
        )
        .expect("a file");
        let up = Up { config: Some(dir.clone()), dc_id: vec![3], ..Up::default() };
        let settings = Settings::decide(up).expect("they fit");
        assert_eq!(settings.dc.dc_id.get(), 3);
        assert_eq!(settings.bot_api.port(), 9000);
        assert_eq!(settings.metrics.map(|metrics| metrics.port()), Some(9100));
        std::fs::remove_file(dir).expect("it is there");
    }

    #[track_caller]
    fn check_dcs(numbers: &[i32], own: &[&str], expected: Result<&[(i32, &str)], &str>) {
        let own = own.iter().map(|own| own.parse().expect("number and address")).collect();
        let up = Up { dc_id: numbers.to_vec(), dc_listen: own, ..up("127.0.0.1:7700") };
        let decided = Settings::decide(up).map(|settings| {
            let further = settings.dc.further.into_iter();
            let further = further.map(|dc| (dc.id.get(), dc.addresses[0].to_string()));
            further.collect::<Vec<_>>()
        });
        let expected = expected.map(|further| {
            further.iter().map(|(id, address)| (*id, (*address).to_owned())).collect::<Vec<_>>()
        });
        match (decided, expected) {
            (Err(found), Err(wanted)) => assert!(found.to_string().contains(wanted), "{found}"),
            (found, wanted) => assert_eq!(found.ok(), wanted.ok()),
        }
    }

    #[test]
    fn every_further_data_centre_has_an_address_of_its_own() {
        check_dcs(&[2], &[], Ok(&[]));
        check_dcs(&[2, 4, 1], &[], Ok(&[(4, "127.0.0.1:7701"), (1, "127.0.0.1:7702")]));
        let (named, found) = ("4=127.0.0.1:9000", "127.0.0.1:9000");
        check_dcs(&[2, 4, 1], &[named], Ok(&[(4, found), (1, "127.0.0.1:7702")]));
        check_dcs(&[2], &[named], Err("data centre 4 gets an address"));
        check_dcs(&[2, 2], &[], Err("named twice"));
        check_dcs(&[2, 1001], &[], Err("does not exist"));
    }

    #[test]
    fn a_file_names_one_data_centre_or_several() {
        let parse = |text| toml::from_str::<File>(text).map(|file| file.dc_id);
        assert!(matches!(parse("dc-id = 4"), Ok(Some(Numbers::One(4)))));
        let several = parse("dc-id = [2, 4]\ndc-listen = [\"4=127.0.0.1:9000\"]");
        assert!(matches!(several, Ok(Some(Numbers::Several(all))) if all == [2, 4]));
        assert!(parse("dc-listen = [\"4\"]").is_err());
    }
}
