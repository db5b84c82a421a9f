//! Updates of the data centre, on their way into the bot's queue.

use std::sync::Weak;

use futures_util::FutureExt as _;
use heliogram_client::InvokeError;
use heliogram_client::updates::{Entities, Incoming, UpdateStream};
use heliogram_ids::{MessageId, Peer, Timestamp, UserId};
use heliogram_tl as tl;
use serde::Serialize;

use super::login::Account;
use crate::bots::Bot;
use crate::convert;
use crate::types;
use crate::updates::{NewUpdate, UpdateKind};

/// Pumps until the client is shut down, the login is lost or the bot is dropped.
pub(crate) async fn run(bot: Weak<Bot>, mut updates: UpdateStream) {
    loop {
        let incoming = match next(&bot, &mut updates).await {
            Ok(incoming) => incoming,
            Err(InvokeError::Closed) => return,
            Err(error) => {
                tracing::warn!(%error, "a bot gets no more updates");
                if let Some(bot) = bot.upgrade()
                    && let Ok(account) = bot.account()
                {
                    account.note(&error);
                }
                return;
            }
        };
        let Some(bot) = bot.upgrade() else { return };
        match incoming {
            Incoming::Update { update, entities } => take(&bot, &update, &entities).await,
            Incoming::Lost { channel, from, to } => {
                tracing::warn!(?channel, from, to, "updates of a bot are gone for good");
            }
            _ => {}
        }
    }
}

/// The next update. While there is none, the position is written down: what a crash repeats gets
/// new numbers in the queue, and the bot would take it for news.
async fn next(bot: &Weak<Bot>, updates: &mut UpdateStream) -> Result<Incoming, InvokeError> {
    if let Some(ready) = updates.next().now_or_never() {
        return ready;
    }
    settle(bot).await;
    updates.next().await
}

async fn settle(bot: &Weak<Bot>) {
    let Some(bot) = bot.upgrade() else { return };
    let Ok(account) = bot.account() else { return };
    if let Err(error) = account.client().flush().await {
        tracing::warn!(%error, "the position of a bot is not written down");
    }
}

async fn take(bot: &Bot, update: &tl::Update, entities: &Entities) {
    let Ok(account) = bot.account() else { return };
    account.roster().learn(entities.users(), entities.chats());
    let Some(new) = account.translate(bot, update).await else { return };
    if let Err(error) = bot.feed().push(&new, bot.now()) {
        tracing::error!(%error, "an update cannot be queued");
    }
}

impl Account {
    /// The update as bots are told it; nothing if they are not.
    async fn translate(&self, bot: &Bot, update: &tl::Update) -> Option<NewUpdate> {
        use tl::Update as U;
        match update {
            U::UpdateNewMessage(new) => self.on_new_message(&new.message).await,
            U::UpdateNewChannelMessage(new) => self.on_new_message(&new.message).await,
            U::UpdateEditMessage(edit) => self.on_edit(&edit.message).await,
            U::UpdateEditChannelMessage(edit) => self.on_edit(&edit.message).await,
            U::UpdateDeleteChannelMessages(gone) => {
                let channel = heliogram_ids::ChannelId::new(gone.channel_id)?;
                for id in gone.messages.iter().filter_map(|id| MessageId::new(*id)) {
                    self.forget(channel.into(), id);
                }
                None
            }
            U::UpdateBotCallbackQuery(query) => self.on_callback(query, bot.now()).await,
            U::UpdateInlineBotCallbackQuery(query) => {
                self.meet_user(query.user_id).await;
                let shown = convert::inline_callback_query(self.roster(), query);
                new_update(UpdateKind::CallbackQuery, query.user_id, bot.now(), &shown)
            }
            U::UpdateBotStopped(stopped) => {
                self.meet_user(stopped.user_id).await;
                let me = self.roster().user_or_stranger(bot.token().id());
                let shown = convert::stopped(self.roster(), me, stopped);
                let date = moment(stopped.date.into());
                new_update(UpdateKind::MyChatMember, stopped.user_id, date, &shown)
            }
            U::UpdateChatParticipant(change) => {
                self.meet_user(change.user_id).await;
                self.meet_user(change.actor_id).await;
                self.on_member(convert::chat_member(self.roster(), change)?)
            }
            U::UpdateChannelParticipant(change) => {
                self.meet_user(change.user_id).await;
                self.meet_user(change.actor_id).await;
                self.on_member(convert::channel_member(self.roster(), change)?)
            }
            _ => None,
        }
    }

    async fn on_new_message(&self, message: &tl::Message) -> Option<NewUpdate> {
        self.remember(message);
        if !convert::is_news(message) {
            return None;
        }
        self.tell(message, UpdateKind::Message, UpdateKind::ChannelPost).await
    }

    async fn on_edit(&self, message: &tl::Message) -> Option<NewUpdate> {
        let (peer, _) = convert::where_and_when(message)?;
        let old = self.recall(peer, convert::message_id(message)?);
        self.remember(message);
        let unchanged = old.is_some_and(|old| convert::same_content(&old, message));
        if unchanged || !convert::is_news(message) {
            return None;
        }
        self.tell(message, UpdateKind::EditedMessage, UpdateKind::EditedChannelPost).await
    }

    async fn tell(
        &self,
        message: &tl::Message,
        in_chat: UpdateKind,
        in_channel: UpdateKind,
    ) -> Option<NewUpdate> {
        let (peer, date) = convert::where_and_when(message)?;
        let shown = self.present(message).await.ok()?;
        let kind = if shown.chat.r#type == "channel" { in_channel } else { in_chat };
        new_update(kind, peer.marked(), moment(date.into()), &shown)
    }

    async fn on_callback(
        &self,
        query: &tl::types::UpdateBotCallbackQuery,
        now: Timestamp,
    ) -> Option<NewUpdate> {
        self.meet_user(query.user_id).await;
        let peer = convert::peer(&query.peer)?;
        let message = self.pressed(peer, query.msg_id).await;
        let shown = convert::callback_query(self.roster(), query, message);
        new_update(UpdateKind::CallbackQuery, query.user_id, now, &shown)
    }

    /// The message below which a button was pressed, or what is left of it.
    async fn pressed(&self, peer: Peer, id: i32) -> types::MaybeInaccessibleMessage {
        if let Some(id) = MessageId::new(id)
            && let Ok(input) = self.client().resolve(peer).await
            && let Ok(Some(message)) = self.find(peer, &input, id).await
            && let Ok(shown) = self.present(&message).await
        {
            return types::MaybeInaccessibleMessage::Message(shown);
        }
        self.meet(&[peer]).await;
        types::MaybeInaccessibleMessage::InaccessibleMessage(types::InaccessibleMessage {
            chat: self.roster().chat(peer),
            message_id: id.into(),
            date: 0,
        })
    }

    fn on_member(&self, (user, change): (i64, types::ChatMemberUpdated)) -> Option<NewUpdate> {
        let (kind, subject) = if user == self.me().get() {
            (UpdateKind::MyChatMember, change.chat.id)
        } else {
            (UpdateKind::ChatMember, user)
        };
        new_update(kind, subject, moment(change.date), &change)
    }

    async fn meet_user(&self, id: i64) {
        if let Some(id) = UserId::new(id) {
            self.meet(&[id.into()]).await;
        }
    }
}

/// A date of the wire.
fn moment(date: i64) -> Timestamp {
    Timestamp::from_secs(u64::try_from(date).unwrap_or(0))
}

fn new_update<T: Serialize>(
    kind: UpdateKind,
    subject: i64,
    date: Timestamp,
    shown: &T,
) -> Option<NewUpdate> {
    match serde_json::to_string(shown) {
        Ok(json) => Some(NewUpdate { kind, subject, date, json }),
        Err(error) => {
            tracing::error!(%error, "an update has no JSON form");
            None
        }
    }
}
