//! A stranger's manifest. `interop/ACTOR.md` describes it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::scenario;
use super::transport::Transport;

/// A stock client and what it plays.
#[derive(Clone, Debug)]
pub(super) struct Stranger {
    /// The name of its folder.
    pub(super) name: String,
    pub(super) folder: PathBuf,
    pub(super) client: Client,
    /// How it plays the shared scenario, if it does.
    pub(super) actor: Option<Script>,
    pub(super) quiet: Vec<Quiet>,
    /// Steps that it cannot tell, with the reasons; `step` or `step@transport`.
    pub(super) cannot: BTreeMap<String, String>,
    /// Scripts of its own.
    pub(super) runs: Vec<Run>,
}

/// What is installed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Client {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) kind: Kind,
    pub(super) language: Language,
}

/// Which of our two faces a client knows.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    Mtproto,
    BotApi,
}

/// What a client is written in, and so how it is installed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Language {
    Python,
    Node,
    Rust,
}

/// The client as an actor.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    pub(super) script: String,
    #[serde(default)]
    pub(super) transports: Vec<Transport>,
    /// Whether it is sent out in foul weather, too.
    #[serde(default)]
    pub(super) weather: bool,
}

/// A complaint in a client's log that is no fault of ours.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Quiet {
    /// Part of the line.
    pub(super) line: String,
    /// Why it is there; for readers.
    pub(super) reason: String,
}

/// One script against one cloud.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Run {
    pub(super) name: String,
    pub(super) script: String,
    #[serde(default)]
    pub(super) arguments: Vec<String>,
    /// Further flags for the cloud.
    #[serde(default)]
    pub(super) flags: Vec<String>,
    /// How long it may take.
    #[serde(default = "two_minutes")]
    pub(super) seconds_max: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    client: Client,
    actor: Option<Script>,
    #[serde(default)]
    quiet: Vec<Quiet>,
    #[serde(default)]
    cannot: BTreeMap<String, String>,
    #[serde(default)]
    run: Vec<Run>,
}

fn two_minutes() -> u64 {
    120
}

impl Stranger {
    /// Everybody with a manifest, by name.
    pub(super) fn all(interop: &Path) -> io::Result<Vec<Self>> {
        let mut strangers = Vec::new();
        for entry in fs::read_dir(interop)? {
            let folder = entry?.path();
            if folder.join("stranger.toml").is_file() {
                strangers.push(Self::read(folder)?);
            }
        }
        strangers.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(strangers)
    }

    fn read(folder: PathBuf) -> io::Result<Self> {
        let path = folder.join("stranger.toml");
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let manifest: Manifest = toml::from_str(&fs::read_to_string(&path)?)
            .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?;
        let Manifest { client, actor, quiet, cannot, run: runs } = manifest;
        let stranger = Self { name, folder, client, actor, quiet, cannot, runs };
        stranger
            .check()
            .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?;
        Ok(stranger)
    }

    /// Whether excuses are for steps and transports that exist, and everything has a reason.
    fn check(&self) -> Result<(), String> {
        for (key, reason) in &self.cannot {
            let (step, transport) = key.split_once('@').unwrap_or((key, ""));
            let is_used = self.transports().iter().any(|each| each.name() == transport);
            if !scenario::knows(step) || !(transport.is_empty() || is_used) {
                return Err(format!("there is no {key} to be excused from"));
            }
            if reason.is_empty() {
                return Err(format!("no reason for {key}"));
            }
        }
        match self.quiet.iter().find(|quiet| quiet.line.len() < 6 || quiet.reason.is_empty()) {
            Some(quiet) => Err(format!("too little to explain {:?}", quiet.line)),
            None => Ok(()),
        }
    }

    /// The ways on which it plays the scenario, its own choice first.
    pub(super) fn transports(&self) -> Vec<Transport> {
        match (&self.actor, self.client.kind) {
            (None, _) => Vec::new(),
            (Some(_), Kind::BotApi) => vec![Transport::BotApi],
            (Some(actor), Kind::Mtproto) => actor.transports.clone(),
        }
    }

    /// Why it cannot tell a step, if the manifest says so.
    pub(super) fn excuse(&self, step: &str, transport: Transport) -> Option<&str> {
        let there = format!("{step}@{}", transport.name());
        self.cannot.get(&there).or_else(|| self.cannot.get(step)).map(String::as_str)
    }

    /// Whether the manifest explains a complaint of the client's log.
    pub(super) fn explains(&self, complaint: &str) -> bool {
        self.quiet.iter().any(|quiet| complaint.contains(&quiet.line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strangers() -> Vec<Stranger> {
        let strangers = Stranger::all(&crate::workspace().join("interop")).unwrap();
        assert!(!strangers.is_empty());
        strangers
    }

    #[test]
    fn every_manifest_names_scripts_that_exist() {
        for stranger in strangers() {
            let pins = match stranger.client.language {
                Language::Python => "requirements.txt",
                Language::Node => "package-lock.json",
                Language::Rust => "Cargo.lock",
            };
            assert!(stranger.folder.join(pins).is_file(), "{}/{pins}", stranger.name);
            let scripts = stranger.runs.iter().map(|run| &run.script);
            for script in scripts.chain(stranger.actor.iter().map(|actor| &actor.script)) {
                assert!(stranger.folder.join(script).is_file(), "{}/{script}", stranger.name);
            }
        }
    }

    #[test]
    fn every_version_is_the_one_that_is_installed() {
        for stranger in strangers() {
            let pins = match stranger.client.language {
                Language::Python => "requirements.txt",
                Language::Node => "package.json",
                Language::Rust => "Cargo.lock",
            };
            let text = fs::read_to_string(stranger.folder.join(pins)).unwrap();
            let version = &stranger.client.version;
            assert!(text.contains(version.as_str()), "{}: {version} in {pins}", stranger.name);
        }
    }

    #[test]
    fn excuses_are_for_steps_that_exist_and_have_reasons() {
        let mut stranger = strangers().swap_remove(0);
        let mut check = |key: &str, reason: &str| {
            stranger.cannot = BTreeMap::from([(key.to_owned(), reason.to_owned())]);
            stranger.check().is_ok()
        };
        assert!(check("typing", "no such method"));
        assert!(!check("typing", ""));
        assert!(!check("swim", "no such method"));
        assert!(!check("typing@carrier-pigeon", "no such method"));
    }

    #[test]
    fn an_excuse_holds_everywhere_or_on_one_transport() {
        let mut stranger = strangers().swap_remove(0);
        stranger.cannot = BTreeMap::from([
            ("typing".to_owned(), "everywhere".to_owned()),
            ("talk@http".to_owned(), "only there".to_owned()),
        ]);
        let check = |step, transport| stranger.excuse(step, transport);
        assert_eq!(check("typing", Transport::Full), Some("everywhere"));
        assert_eq!(check("talk", Transport::Http), Some("only there"));
        assert_eq!(check("talk", Transport::Full), None);
    }
}
