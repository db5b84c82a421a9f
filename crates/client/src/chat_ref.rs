//! Ways to name a chat, and what they come to.

use heliogram_ids::{AccessHash, ChannelId, Peer, UserId};
use heliogram_tl as tl;

use crate::peers::{input_peer, peer_of};
use crate::{Client, InvokeError};

/// A chat as callers name it: by id, by username, by link, or as `"me"`.
#[derive(Clone, Debug, PartialEq)]
pub enum ChatRef {
    /// The account's own chat.
    Me,
    /// A peer that was met before.
    Peer(Peer),
    /// A public username, without `@`.
    Username(Box<str>),
    /// A phone number of a contact, digits alone.
    Phone(Box<str>),
    /// Something that names nobody.
    Invalid,
    /// A peer with the proof that we were shown it.
    Input(tl::InputPeer),
}

impl Client {
    /// Turns a name of a chat into what requests want.
    ///
    /// # Errors
    /// `UnknownPeer` if it was never met, `USERNAME_NOT_OCCUPIED` among others.
    pub async fn resolve(&self, chat: impl Into<ChatRef>) -> Result<tl::InputPeer, InvokeError> {
        match chat.into() {
            ChatRef::Me => Ok(tl::InputPeer::InputPeerSelf),
            ChatRef::Input(peer) => Ok(peer),
            ChatRef::Peer(peer) => self.met(peer),
            ChatRef::Username(username) => match self.book().username(&username) {
                Some(record) => Ok(input_peer(record.peer, record.access_hash)),
                None => self.resolve_username(&username).await,
            },
            ChatRef::Phone(phone) => {
                let request = tl::contacts::ResolvePhone { phone: (&*phone).into() };
                self.on_resolved(self.invoke(&request).await?)
            }
            ChatRef::Invalid => Err(InvokeError::UnknownPeer),
        }
    }

    /// The account itself, as the server describes it now.
    ///
    /// # Errors
    /// `AUTH_KEY_UNREGISTERED` when nobody is logged in.
    pub async fn me(&self) -> Result<tl::types::User, InvokeError> {
        let request = tl::users::GetUsers { id: vec![tl::InputUser::InputUserSelf] };
        let users = self.invoke(&request).await?;
        self.book().learn(&users, []);
        match users.into_iter().next() {
            Some(tl::User::User(user)) => Ok(*user),
            _ => Err(InvokeError::GivenUp("the server does not describe the account")),
        }
    }

    async fn resolve_username(&self, username: &str) -> Result<tl::InputPeer, InvokeError> {
        let request = tl::contacts::ResolveUsername { username: username.into(), referer: None };
        self.on_resolved(self.invoke(&request).await?)
    }

    fn on_resolved(
        &self,
        resolved: tl::contacts::ResolvedPeer,
    ) -> Result<tl::InputPeer, InvokeError> {
        let tl::contacts::ResolvedPeer::ResolvedPeer(resolved) = resolved;
        self.book().learn(&resolved.users, &resolved.chats);
        self.met(peer_of(&resolved.peer).ok_or(InvokeError::UnknownPeer)?)
    }

    fn met(&self, peer: Peer) -> Result<tl::InputPeer, InvokeError> {
        if peer.user().is_some() && peer.user() == self.login().map(|login| login.user_id) {
            return Ok(tl::InputPeer::InputPeerSelf);
        }
        let hash = self.book().access_hash(peer).ok_or(InvokeError::UnknownPeer)?;
        Ok(input_peer(peer, hash))
    }
}

/// The channel that a peer in a request is, if it is one.
pub(crate) fn input_channel(peer: &tl::InputPeer) -> Option<tl::InputChannel> {
    match peer {
        tl::InputPeer::InputPeerChannel(channel) => {
            let (channel_id, access_hash) = (channel.channel_id, channel.access_hash);
            Some(tl::types::InputChannel { channel_id, access_hash }.into())
        }
        _ => None,
    }
}

impl From<i64> for ChatRef {
    fn from(marked: i64) -> Self {
        Peer::from_marked(marked).map_or(Self::Invalid, Self::Peer)
    }
}

impl From<Peer> for ChatRef {
    fn from(peer: Peer) -> Self {
        Self::Peer(peer)
    }
}

impl From<UserId> for ChatRef {
    fn from(id: UserId) -> Self {
        Self::Peer(id.into())
    }
}

impl From<(ChannelId, AccessHash)> for ChatRef {
    fn from((id, hash): (ChannelId, AccessHash)) -> Self {
        Self::Input(input_peer(id.into(), hash))
    }
}

impl From<tl::InputPeer> for ChatRef {
    fn from(peer: tl::InputPeer) -> Self {
        Self::Input(peer)
    }
}

impl From<&tl::Peer> for ChatRef {
    fn from(peer: &tl::Peer) -> Self {
        peer_of(peer).map_or(Self::Invalid, Self::Peer)
    }
}

impl From<String> for ChatRef {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<&str> for ChatRef {
    fn from(text: &str) -> Self {
        let text = text.trim();
        if matches!(text, "me" | "self") {
            return Self::Me;
        }
        if let Ok(marked) = text.parse::<i64>()
            && !text.starts_with('+')
        {
            return marked.into();
        }
        if let Some(digits) = text.strip_prefix('+') {
            let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
            return Self::Phone(digits.into());
        }
        let name = without_link(text).trim_start_matches('@');
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(is_name) {
            return Self::Invalid;
        }
        Self::Username(name.into())
    }
}

fn without_link(text: &str) -> &str {
    let text =
        text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
    let hosts = ["t.me/", "telegram.me/", "telegram.dog/"];
    let path = hosts.iter().find_map(|host| text.strip_prefix(host));
    path.map_or(text, |path| path.split(['/', '?']).next().unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: ChatRef) {
        assert_eq!(ChatRef::from(text), expected);
    }

    #[test]
    fn a_chat_is_named_in_many_ways() {
        let ada = || ChatRef::Username("ada".into());
        check("@ada", ada());
        check("ada", ada());
        check("https://t.me/ada?start=1", ada());
        check("t.me/ada/42", ada());
        check("me", ChatRef::Me);
        check("777000", ChatRef::from(777_000));
        check("-1001234567890", ChatRef::from(-1_001_234_567_890));
        check("+1 555 0100", ChatRef::Phone("15550100".into()));
    }

    #[test]
    fn nonsense_names_nobody() {
        check("", ChatRef::Invalid);
        check("two words", ChatRef::Invalid);
        check("0", ChatRef::Invalid);
    }
}
