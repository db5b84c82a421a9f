//! Whom a bot has met: users and chats as they were last described, bounded.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use heliogram_ids::{Peer, UserId};
use heliogram_tl as tl;

use crate::convert;
use crate::generations::Generations;
use crate::types;

/// The users and chats that a bot has met.
#[derive(Debug)]
pub(crate) struct Roster(Mutex<Pages>);

#[derive(Debug)]
struct Pages {
    users: Generations<UserId, Arc<types::User>>,
    chats: Generations<Peer, Arc<KnownChat>>,
    extensions: Generations<i64, Box<str>>,
}

/// A group or channel as it was last described.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct KnownChat {
    /// The chat as bots see it.
    pub(crate) chat: types::Chat,
    /// The supergroup that took over from a basic group.
    pub(crate) successor: Option<Peer>,
}

impl Default for Roster {
    fn default() -> Self {
        Self(Mutex::new(Pages {
            users: Generations::new(GENERATION_MAX),
            chats: Generations::new(GENERATION_MAX),
            extensions: Generations::new(GENERATION_MAX),
        }))
    }
}

impl Roster {
    /// Takes down everybody that came with a batch.
    pub(crate) fn learn<'a>(
        &self,
        users: impl IntoIterator<Item = &'a tl::User>,
        chats: impl IntoIterator<Item = &'a tl::Chat>,
    ) {
        let mut pages = self.pages();
        for user in users {
            let tl::User::User(user) = user else { continue };
            let Some(id) = UserId::new(user.id) else { continue };
            // Spec: api/min. A min user may lack what the full one had.
            if !user.min || pages.users.get(id).is_none() {
                pages.users.insert(id, Arc::new(convert::user(user)));
            }
        }
        for chat in chats {
            let Some((peer, known)) = convert::chat(chat) else { continue };
            let is_min = matches!(chat, tl::Chat::Channel(channel) if channel.min);
            if !is_min || pages.chats.get(peer).is_none() {
                pages.chats.insert(peer, Arc::new(known));
            }
        }
    }

    /// Takes down how the name of a document ends: its `file_id` does not tell.
    pub(crate) fn note_name(&self, document: i64, name: &str) {
        let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        let plain = |text: &String| {
            (1..=EXTENSION_BYTES_MAX).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        if let Some(extension) = extension.filter(plain) {
            self.pages().extensions.insert(document, extension.into());
        }
    }

    /// How the name of a document ends, if the bot was told of it lately.
    pub(crate) fn extension(&self, document: i64) -> Option<String> {
        self.pages().extensions.get(document).map(|extension| extension.to_string())
    }

    /// Whether the peer was described.
    pub(crate) fn knows(&self, peer: Peer) -> bool {
        match peer {
            Peer::User(id) => self.user(id).is_some(),
            peer => self.known_chat(peer).is_some(),
        }
    }

    /// The user, if it was met.
    pub(crate) fn user(&self, id: UserId) -> Option<Arc<types::User>> {
        self.pages().users.get(id).cloned()
    }

    /// The group or channel, if it was met.
    pub(crate) fn known_chat(&self, peer: Peer) -> Option<Arc<KnownChat>> {
        self.pages().chats.get(peer).cloned()
    }

    /// The user; a stranger has an id and no name.
    pub(crate) fn user_or_stranger(&self, id: i64) -> types::User {
        let known = UserId::new(id).and_then(|id| self.user(id));
        known.map_or_else(
            || types::User { id, ..types::User::default() },
            |known| types::User::clone(&known),
        )
    }

    /// The chat, private ones included; a stranger has an id and no name.
    pub(crate) fn chat(&self, peer: Peer) -> types::Chat {
        match peer {
            Peer::User(id) => convert::private_chat(&self.user_or_stranger(id.get())),
            peer => self.known_chat(peer).map_or_else(
                || {
                    let kind = if matches!(peer, Peer::Chat(_)) { "group" } else { "supergroup" };
                    let (id, r#type) = (peer.marked(), kind.to_owned());
                    types::Chat { id, r#type, ..types::Chat::default() }
                },
                |known| known.chat.clone(),
            ),
        }
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        // Pages are consistent between any two statements that could panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Users and chats of one generation; two are kept.
const GENERATION_MAX: usize = 2048;
/// Longer endings are no extensions.
const EXTENSION_BYTES_MAX: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn user(first_name: &str, min: bool) -> tl::User {
        let first_name = Some(first_name.into());
        tl::types::User { id: 7, min, first_name, ..Default::default() }.into()
    }

    #[test]
    fn a_min_user_does_not_replace_a_full_one() {
        let roster = Roster::default();
        roster.learn(&[user("Min", true)], []);
        assert_eq!(roster.user_or_stranger(7).first_name, "Min");
        roster.learn(&[user("Ada", false)], []);
        roster.learn(&[user("Min", true)], []);
        assert_eq!(roster.user_or_stranger(7).first_name, "Ada");
    }

    #[test]
    fn the_end_of_a_name_is_kept_if_it_is_one() {
        let roster = Roster::default();
        for (id, name) in [(1, "a.TXT"), (2, "a"), (3, "a./../b"), (4, "a.tar.gz")] {
            roster.note_name(id, name);
        }
        let found: Vec<_> = (1..=4).map(|id| roster.extension(id)).collect();
        assert_eq!(found, [Some("txt".to_owned()), None, None, Some("gz".to_owned())]);
    }

    #[test]
    fn a_stranger_has_an_id_and_a_kind() {
        let chat = |id| Peer::from_marked(id).map(|peer| Roster::default().chat(peer).r#type);
        assert_eq!(chat(5).as_deref(), Some("private"));
        assert_eq!(chat(-5).as_deref(), Some("group"));
        assert_eq!(chat(-1_000_000_000_005).as_deref(), Some("supergroup"));
    }
}
