//! Where a story is played: a cloud with its cast, and the way actors come on.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::interop::actor::{Actor, Opening, Ready, Told, User, Who, complaints};
use crate::interop::cable::{Cable, Fair};
use crate::interop::cast;
use crate::interop::cloud::Cloud;
use crate::interop::install::Installed;
use crate::interop::stranger::Stranger;
use crate::interop::transport::Transport;

/// A client on one of its ways to the cloud.
#[derive(Clone)]
pub(in crate::interop) struct Player {
    pub(in crate::interop) stranger: Stranger,
    pub(in crate::interop) installed: Installed,
    pub(in crate::interop) transport: Transport,
}

/// A cloud of its own and the folder for what is left of the play.
pub(in crate::interop) struct Theatre {
    pub(in crate::interop) cloud: Cloud,
    pub(in crate::interop) folder: PathBuf,
    pub(in crate::interop) token: String,
    /// What whoever comes on next believes instead of what is true: variables and their values.
    pub(in crate::interop) ideas: Vec<(&'static str, &'static str)>,
    /// The logs of clients, and whose they are.
    logs: Vec<(PathBuf, Stranger)>,
}

/// A part of the story and the actor who has it now.
pub(in crate::interop) struct Part {
    pub(in crate::interop) actor: Actor,
    pub(in crate::interop) cable: Cable,
    pub(in crate::interop) me: User,
    name: String,
    player: Player,
}

impl Player {
    /// Insists that the client is the one that the manifest names.
    ///
    /// # Errors
    /// If it says that it is another version.
    pub(super) fn require_pinned(&self, ready: &Ready) -> io::Result<()> {
        let pinned = &self.stranger.client.version;
        if ready.version == *pinned {
            return Ok(());
        }
        let Ready { client, version, .. } = ready;
        Err(io::Error::other(format!("{client} is {version}, the manifest says {pinned}")))
    }
}

impl Theatre {
    /// Opens: starts the cloud and gathers the cast.
    ///
    /// # Errors
    /// If the cloud does not start or the cast cannot be made.
    pub(in crate::interop) fn open(
        heliogram: &Path,
        transports: &[Transport],
        folder: PathBuf,
    ) -> io::Result<Self> {
        let cloud = Cloud::start(heliogram, &[], transports, &folder.join("server.log"))?;
        let token = cast::gather(&cloud)?;
        Ok(Self { cloud, folder, token, ideas: Vec::new(), logs: Vec::new() })
    }

    /// Has a client come on in a part, over a cable of its own.
    pub(in crate::interop) fn enter(&mut self, name: &str, player: &Player) -> Told<Part> {
        let cable = Cable::lay(self.cloud.door(player.transport), Arc::new(Fair))?;
        self.enter_by(name, player, cable)
    }

    /// The same, over a cable that is laid already.
    pub(in crate::interop) fn enter_by(
        &mut self,
        name: &str,
        player: &Player,
        cable: Cable,
    ) -> Told<Part> {
        let actor = self.start(name, player, &cable)?;
        self.logs.push((self.folder.join(format!("{name}.err")), player.stranger.clone()));
        let (name, player, me) = (name.to_owned(), player.clone(), User::default());
        Ok(Part { actor, cable, me, name, player })
    }

    /// Has a fresh process take a part over whose actor left.
    pub(in crate::interop) fn reenter(&self, part: &mut Part) -> Told<()> {
        part.actor = self.start(&part.name, &part.player, &part.cable)?;
        part.actor.ready().map(drop)
    }

    /// The complaints of all clients so far, but for those that their manifests explain.
    pub(in crate::interop) fn complaints(&self) -> Vec<String> {
        let of = |(log, stranger): &(PathBuf, Stranger)| {
            let unexplained = complaints(log).into_iter().filter(|line| !stranger.explains(line));
            unexplained.map(|line| format!("{}: {line}", stranger.name)).collect::<Vec<_>>()
        };
        self.logs.iter().flat_map(of).collect()
    }

    /// Takes no notice of what a part's client complains of.
    pub(in crate::interop) fn forgive(&mut self, name: &str) {
        let log = self.folder.join(format!("{name}.err"));
        self.logs.retain(|(path, _)| *path != log);
    }

    fn start(&self, name: &str, player: &Player, cable: &Cable) -> io::Result<Actor> {
        let script = player.stranger.actor.as_ref().map_or("", |actor| &actor.script);
        let mut program = player.installed.command(script);
        let near = cable.address();
        let bot_api = match player.transport {
            Transport::BotApi => near,
            _ => self.cloud.bot_api(),
        };
        program
            .env("STAGE_HOST", near.ip().to_string())
            .env("STAGE_PORT", near.port().to_string())
            .env("STAGE_DC_ID", "2")
            .env("STAGE_KEY", self.cloud.data().join("server.pub.pem"))
            .env("STAGE_BOT_API", format!("http://{bot_api}"))
            .env("STAGE_TRANSPORT", player.transport.name())
            .env("STAGE_SECRET", player.transport.secret().unwrap_or_default())
            .env("STAGE_SESSION", self.folder.join(format!("{name}.session")))
            .envs(self.ideas.iter().copied());
        if let Some(certificate) = self.cloud.certificate() {
            program.env("STAGE_TLS_CA", certificate).env("NODE_EXTRA_CA_CERTS", certificate);
        }
        Actor::enter(Opening { part: name.to_owned(), program, folder: self.folder.clone() })
    }
}

impl Part {
    /// Whom the others address.
    pub(in crate::interop) fn who(&self) -> Who {
        Who::is(&self.me)
    }

    /// How long what has to be heard of may take from now on.
    pub(in crate::interop) fn be_patient(&mut self, patience: Duration) {
        self.actor.patience = patience;
    }
}
