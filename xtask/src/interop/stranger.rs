//! A stranger's manifest.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// A stock client and what it plays.
#[derive(Debug)]
pub(super) struct Stranger {
    pub(super) name: String,
    pub(super) folder: PathBuf,
    pub(super) runs: Vec<Run>,
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
        let manifest: Manifest = toml::from_str(&fs::read_to_string(&path)?)
            .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?;
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, folder, runs: manifest.run })
    }

    /// The part of the stranger that a name selects: all of it, or one run as `stranger/run`.
    pub(super) fn only(mut self, name: Option<&str>) -> Option<Self> {
        let Some(name) = name.filter(|name| *name != self.name) else {
            return Some(self);
        };
        let run = name.strip_prefix(&self.name)?.strip_prefix('/')?;
        self.runs.retain(|candidate| candidate.name == run);
        (!self.runs.is_empty()).then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(name: Option<&str>) -> Vec<String> {
        let run = |name: &str| Run {
            name: name.to_owned(),
            script: String::new(),
            arguments: Vec::new(),
            flags: Vec::new(),
            seconds_max: 1,
        };
        let stranger = Stranger {
            name: "telethon".to_owned(),
            folder: PathBuf::new(),
            runs: vec![run("login"), run("crash")],
        };
        let runs = stranger.only(name).map_or_else(Vec::new, |stranger| stranger.runs);
        runs.into_iter().map(|run| run.name).collect()
    }

    #[test]
    fn a_name_selects_a_stranger_or_one_of_its_runs() {
        assert_eq!(selected(None), ["login", "crash"]);
        assert_eq!(selected(Some("telethon")), ["login", "crash"]);
        assert_eq!(selected(Some("telethon/crash")), ["crash"]);
        assert!(selected(Some("telethon/swim")).is_empty());
        assert!(selected(Some("tele")).is_empty());
    }

    #[test]
    fn every_manifest_names_scripts_that_exist() {
        let strangers = Stranger::all(&crate::workspace().join("interop")).unwrap();
        assert!(!strangers.is_empty());
        for stranger in strangers {
            assert!(stranger.folder.join("requirements.txt").is_file(), "{}", stranger.name);
            for run in stranger.runs {
                assert!(
                    stranger.folder.join(&run.script).is_file(),
                    "{}/{}",
                    stranger.name,
                    run.script
                );
            }
        }
    }
}
