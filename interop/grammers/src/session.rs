//! A session in a file. The library's own memory of one cannot be written down, and its SQLite
//! would be most of the build.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use grammers_session::types::{
    ChannelState, DcOption, PeerId, PeerInfo, UpdateState, UpdatesState,
};
use grammers_session::{BoxFuture, Session};
use serde::{Deserialize, Serialize};

/// What is known, and where it is written down at every change.
pub struct FileSession {
    path: PathBuf,
    /// The one data centre with an address that is told from outside.
    home: DcOption,
    kept: Mutex<Kept>,
}

/// What the file holds.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    home_dc: i32,
    dc_options: HashMap<i32, DcOption>,
    peers: Vec<PeerInfo>,
    updates: UpdatesState,
}

impl FileSession {
    /// Takes up what the file holds, or begins.
    pub fn open(path: PathBuf, home: DcOption) -> Self {
        let kept = fs::read(&path).ok().and_then(|held| serde_json::from_slice(&held).ok());
        let mut kept: Kept = kept.unwrap_or_else(|| Kept { home_dc: home.id, ..Kept::default() });
        kept.dc_options.entry(home.id).or_insert_with(|| home.clone());
        Self { path, home, kept: Mutex::new(kept) }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Kept)) -> io::Result<()> {
        let mut kept = self.kept();
        change(&mut kept);
        let fresh = self.path.with_extension("fresh");
        fs::write(&fresh, serde_json::to_vec(&*kept)?)?;
        fs::rename(fresh, &self.path)
    }
}

impl Session for FileSession {
    type Error = io::Error;

    fn home_dc_id(&self) -> io::Result<i32> {
        Ok(self.kept().home_dc)
    }

    fn set_home_dc_id(&self, dc_id: i32) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(async move { self.change(|kept| kept.home_dc = dc_id) })
    }

    fn dc_option(&self, dc_id: i32) -> io::Result<Option<DcOption>> {
        let mut option = self.kept().dc_options.get(&dc_id).cloned();
        if let Some(option) = option.as_mut().filter(|option| option.id == self.home.id) {
            // The configuration names the cloud's own address; the launcher's cable is before it.
            (option.ipv4, option.ipv6) = (self.home.ipv4, self.home.ipv6);
        }
        Ok(option)
    }

    fn set_dc_option(&self, option: &DcOption) -> BoxFuture<'_, io::Result<()>> {
        let option = option.clone();
        Box::pin(async move {
            self.change(|kept| {
                kept.dc_options.insert(option.id, option);
            })
        })
    }

    fn peer(&self, peer: PeerId) -> BoxFuture<'_, io::Result<Option<PeerInfo>>> {
        Box::pin(async move {
            let is_asked_for = |info: &&PeerInfo| match info {
                PeerInfo::User { is_self: Some(true), .. } if peer == PeerId::self_user() => true,
                info => info.id() == peer,
            };
            Ok(self.kept().peers.iter().find(is_asked_for).cloned())
        })
    }

    fn cache_peer(&self, peer: PeerInfo) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(async move {
            self.change(|kept| match kept.peers.iter_mut().find(|known| known.id() == peer.id()) {
                Some(known) => {
                    known.extend_info(&peer);
                }
                None => kept.peers.push(peer),
            })
        })
    }

    fn updates_state(&self) -> BoxFuture<'_, io::Result<UpdatesState>> {
        Box::pin(async move { Ok(self.kept().updates.clone()) })
    }

    fn set_update_state(&self, state: UpdateState) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(async move { self.change(|kept| kept.updates.take(state)) })
    }
}

/// Takes over what changed.
trait Take {
    fn take(&mut self, state: UpdateState);
}

impl Take for UpdatesState {
    fn take(&mut self, state: UpdateState) {
        match state {
            UpdateState::All(all) => *self = all,
            UpdateState::Primary { pts, date, seq } => {
                (self.pts, self.date, self.seq) = (pts, date, seq);
            }
            UpdateState::Secondary { qts } => self.qts = qts,
            UpdateState::Channel { id, pts } => {
                self.channels.retain(|channel| channel.id != id);
                self.channels.push(ChannelState { id, pts });
            }
        }
    }
}
