//! What can be run, by name: `telethon/crash`, `telethon/scenario/http`, `everyone/home`.

use super::stranger::{Kind, Run, Stranger};
use super::transport::Transport;

/// One run with a cloud of its own.
#[derive(Clone, Debug)]
pub(super) enum Job {
    /// A stranger plays the shared scenario.
    Scenario(Stranger, Transport),
    /// A stranger's own script.
    Script(Stranger, Run),
    /// A stranger talks in foul weather.
    Weather(Stranger),
    /// One account at home in every client at once.
    Home(Vec<Stranger>),
}

/// Who plays the people that Bot API clients meet.
pub(super) const PEOPLE: &str = "telethon";

impl Job {
    /// Every run there is.
    pub(super) fn all(strangers: &[Stranger]) -> Vec<Self> {
        let speaks = |stranger: &&Stranger| {
            stranger.client.kind == Kind::Mtproto && stranger.actor.is_some()
        };
        let home: Vec<Stranger> = strangers.iter().filter(speaks).cloned().collect();
        let mut jobs = vec![Self::Home(home)];
        for stranger in strangers {
            let played = stranger.transports().into_iter();
            jobs.extend(played.map(|transport| Self::Scenario(stranger.clone(), transport)));
            if stranger.actor.as_ref().is_some_and(|actor| actor.weather) {
                jobs.push(Self::Weather(stranger.clone()));
            }
            let scripts = stranger.runs.iter().cloned();
            jobs.extend(scripts.map(|run| Self::Script(stranger.clone(), run)));
        }
        jobs
    }

    /// Its name, which is also the path of its folder.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Scenario(stranger, transport) => {
                format!("{}/scenario/{}", stranger.name, transport.name())
            }
            Self::Script(stranger, run) => format!("{}/{}", stranger.name, run.name),
            Self::Weather(stranger) => format!("{}/weather", stranger.name),
            Self::Home(_) => "everyone/home".to_owned(),
        }
    }

    /// How long it takes, roughly: who takes long had better begin early.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Weather(_) => 4,
            Self::Scenario(stranger, way) if stranger.transports().first() == Some(way) => 3,
            Self::Home(_) => 2,
            Self::Script(..) | Self::Scenario(..) => 1,
        }
    }

    /// Whether a name selects it: its own, or that of a folder above.
    pub(super) fn is_named(&self, selected: Option<&str>) -> bool {
        let name = self.name();
        selected.is_none_or(|selected| {
            name.strip_prefix(selected).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// The names of the strangers that have to be installed for it.
    pub(super) fn needs(&self) -> Vec<&str> {
        match self {
            Self::Scenario(stranger, _) if stranger.client.kind == Kind::BotApi => {
                vec![&stranger.name, PEOPLE]
            }
            // Scripts of Python strangers may talk to people, too, and say so in their own pins.
            Self::Scenario(stranger, _) | Self::Script(stranger, _) | Self::Weather(stranger) => {
                vec![&stranger.name]
            }
            Self::Home(strangers) => {
                let mut names: Vec<_> = strangers.iter().map(|each| each.name.as_str()).collect();
                names.push(PEOPLE);
                names
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use super::*;
    use crate::interop::stranger::{Client, Language, Script};

    fn jobs() -> Vec<Job> {
        let run = |name: &str| Run {
            name: name.to_owned(),
            script: String::new(),
            arguments: Vec::new(),
            flags: Vec::new(),
            seconds_max: 1,
        };
        let (name, version) = ("Telethon".to_owned(), "1".to_owned());
        let client = Client { name, version, kind: Kind::Mtproto, language: Language::Python };
        let transports = vec![Transport::Full, Transport::Http];
        Job::all(&[Stranger {
            name: "telethon".to_owned(),
            folder: PathBuf::new(),
            client,
            actor: Some(Script { script: String::new(), transports, weather: true }),
            quiet: Vec::new(),
            cannot: BTreeMap::new(),
            runs: vec![run("login"), run("crash")],
        }])
    }

    fn selected(name: Option<&str>) -> Vec<String> {
        let jobs = jobs().into_iter().filter(|job| job.is_named(name));
        jobs.map(|job| job.name()).collect()
    }

    #[test]
    fn a_name_selects_a_stranger_or_a_part_of_what_it_plays() {
        assert_eq!(
            selected(None),
            [
                "everyone/home",
                "telethon/scenario/full",
                "telethon/scenario/http",
                "telethon/weather",
                "telethon/login",
                "telethon/crash"
            ]
        );
        assert_eq!(selected(Some("telethon")).len(), 5);
        assert_eq!(selected(Some("telethon/scenario")).len(), 2);
        assert_eq!(selected(Some("telethon/scenario/http")), ["telethon/scenario/http"]);
        assert_eq!(selected(Some("telethon/crash")), ["telethon/crash"]);
        assert!(selected(Some("telethon/swim")).is_empty());
        assert!(selected(Some("tele")).is_empty());
    }
}
