//! From the names of chats to the peers of the wire.

use heliogram_ids::{ChannelId, Peer, UserId};
use heliogram_tl as tl;

use super::errors;
use super::login::Account;
use crate::chat_ref::ChatRef;
use crate::error::ApiError;

/// A chat that was looked up.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    /// Which chat it is.
    pub(crate) peer: Peer,
    /// How requests name it.
    pub(crate) input: tl::InputPeer,
}

impl Account {
    /// Looks up a chat by its number or username.
    ///
    /// # Errors
    /// `chat_id is empty`, `chat not found`.
    pub(crate) async fn place(&self, chat: &ChatRef) -> Result<Place, ApiError> {
        let not_found = || ApiError::bad_request("chat not found");
        let place = match chat.given()? {
            ChatRef::Id(id) => {
                let peer = Peer::from_marked(*id).ok_or_else(not_found)?;
                Place { peer, input: self.input(peer).await? }
            }
            ChatRef::Username(name) => self.named(name).await?,
            ChatRef::Empty | ChatRef::Unknown(_) => return Err(not_found()),
        };
        self.meet(&[place.peer]).await;
        if !self.roster().knows(place.peer) {
            return Err(not_found());
        }
        Ok(place)
    }

    /// As [`Account::place`], for a method that writes there.
    ///
    /// # Errors
    /// `group chat was upgraded to a supergroup chat` as well.
    pub(crate) async fn place_to_write(&self, chat: &ChatRef) -> Result<Place, ApiError> {
        let place = self.place(chat).await?;
        let known = self.roster().known_chat(place.peer);
        match known.and_then(|known| known.successor) {
            Some(successor) => Err(ApiError::upgraded(successor)),
            None => Ok(place),
        }
    }

    /// How requests name a user.
    ///
    /// # Errors
    /// `user not found`.
    pub(crate) async fn input_user(&self, id: UserId) -> Result<tl::InputUser, ApiError> {
        let not_found = || ApiError::bad_request("user not found");
        match self.input(id.into()).await.map_err(|_| not_found())? {
            tl::InputPeer::InputPeerSelf => Ok(tl::InputUser::InputUserSelf),
            tl::InputPeer::InputPeerUser(user) => {
                Ok(tl::types::InputUser { user_id: user.user_id, access_hash: user.access_hash }
                    .into())
            }
            _ => Err(not_found()),
        }
    }

    /// How requests name a channel; nothing for any other peer.
    pub(crate) fn input_channel(input: &tl::InputPeer) -> Option<tl::InputChannel> {
        let tl::InputPeer::InputPeerChannel(channel) = input else { return None };
        let (channel_id, access_hash) = (channel.channel_id, channel.access_hash);
        Some(tl::types::InputChannel { channel_id, access_hash }.into())
    }

    /// Has everybody described whom the roster does not know. Who cannot be had stays unknown.
    pub(crate) async fn meet(&self, peers: &[Peer]) {
        let strangers = || peers.iter().filter(|peer| !self.roster().knows(**peer)).copied();
        let mut users = Vec::new();
        let mut chats = Vec::new();
        let mut channels = Vec::new();
        for stranger in strangers() {
            match stranger {
                Peer::User(id) => users.extend(self.input_user(id).await),
                Peer::Chat(id) => chats.push(id.get()),
                Peer::Channel(id) => channels.extend(self.channel(id).await),
            }
        }
        if !users.is_empty()
            && let Ok(users) = self.ask(&tl::users::GetUsers { id: users }).await
        {
            self.roster().learn(&users, []);
        }
        if !chats.is_empty() {
            self.learn_chats(self.ask(&tl::messages::GetChats { id: chats }).await);
        }
        if !channels.is_empty() {
            self.learn_chats(self.ask(&tl::channels::GetChannels { id: channels }).await);
        }
    }

    fn learn_chats(&self, answer: Result<tl::messages::Chats, heliogram_client::InvokeError>) {
        match answer {
            Ok(tl::messages::Chats::Chats(found)) => self.roster().learn([], &found.chats),
            Ok(tl::messages::Chats::ChatsSlice(found)) => self.roster().learn([], &found.chats),
            Err(error) => tracing::debug!(%error, "chats are not described"),
        }
    }

    async fn channel(&self, id: ChannelId) -> Option<tl::InputChannel> {
        self.input(id.into()).await.ok().as_ref().and_then(Self::input_channel)
    }

    async fn input(&self, peer: Peer) -> Result<tl::InputPeer, ApiError> {
        let input = self.client().resolve(peer).await;
        input.map_err(|error| errors::refusal(&error, Some("chat not found")))
    }

    /// A channel, a supergroup or a bot: people are not found by their usernames.
    async fn named(&self, name: &str) -> Result<Place, ApiError> {
        let not_found = || ApiError::bad_request("chat not found");
        let reference = heliogram_client::ChatRef::Username(name.into());
        let input = self.client().resolve(reference).await.map_err(|error| {
            self.note(&error);
            errors::refusal(&error, Some("chat not found"))
        })?;
        let peer = match &input {
            tl::InputPeer::InputPeerSelf => Some(self.me().into()),
            tl::InputPeer::InputPeerUser(user) => UserId::new(user.user_id).map(Peer::User),
            tl::InputPeer::InputPeerChannel(channel) => {
                ChannelId::new(channel.channel_id).map(Peer::Channel)
            }
            _ => None,
        };
        let peer = peer.ok_or_else(not_found)?;
        if let Peer::User(id) = peer {
            self.meet(&[peer]).await;
            if !self.roster().user(id).is_some_and(|user| user.is_bot) {
                return Err(not_found());
            }
        }
        Ok(Place { peer, input })
    }
}
