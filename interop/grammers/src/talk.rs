//! Words.

use grammers_client::message::Message;
use grammers_client::message::{Button, InputMessage, ReplyMarkup};
use grammers_session::types::PeerRef;
use grammers_tl_types as tl;
use serde_json::{Value, json};

use crate::actor::Actor;
use crate::things;
use crate::trouble::{Told, Trouble};

impl Actor {
    pub(crate) async fn resolve(&mut self, order: &Value) -> Told {
        let name = order["username"].as_str().unwrap_or_default();
        let found = self.client.resolve_username(name).await?;
        let Some(grammers_client::peer::Peer::User(user)) = found else {
            return Err(Trouble::named("USERNAME_NOT_OCCUPIED"));
        };
        Ok(things::user(&user))
    }

    pub(crate) async fn send(&mut self, order: &Value) -> Told {
        let text = order["text"].as_str().unwrap_or_default();
        let entities = order["entities"].as_array().into_iter().flatten().map(things::entity);
        let mut message = InputMessage::new()
            .text(text)
            .fmt_entities(entities.collect::<Told<Vec<_>>>()?)
            .reply_to(number(order, "reply_to"));
        if let Some(rows) = order["buttons"].as_array() {
            let rows: Vec<Vec<Button>> = rows.iter().map(buttons).collect();
            message = message.reply_markup(ReplyMarkup::from_buttons(&rows));
        }
        let to = self.peer(&order["to"]).await?;
        self.utter(to, message).await
    }

    /// Sends; what comes back as an update of our own is no news.
    pub(crate) async fn utter(&self, to: PeerRef, message: InputMessage) -> Told {
        let mut own = self.heard.own.lock().await;
        let sent = self.client.send_message(to, message).await?;
        own.insert(sent.id());
        Ok(things::message(&sent, self.heard.me()))
    }

    pub(crate) async fn edit(&mut self, order: &Value) -> Told {
        let chat = self.peer(&order["chat"]).await?;
        let id = number(order, "message").unwrap_or_default();
        let text = order["text"].as_str().unwrap_or_default();
        self.client.edit_message(chat, id, text).await?;
        // The library keeps the answer to itself.
        Ok(things::message(&self.message(chat, id).await?, self.heard.me()))
    }

    /// A message as it is now.
    pub(crate) async fn message(&self, chat: PeerRef, id: i32) -> Told<Message> {
        let found = self.client.get_messages_by_id(chat, &[id]).await?.pop().flatten();
        found.ok_or_else(|| Trouble::named("MESSAGE_ID_INVALID"))
    }

    pub(crate) async fn delete(&mut self, order: &Value) -> Told {
        let chat = self.peer(&order["chat"]).await?;
        let ids = order["messages"].as_array().into_iter().flatten().filter_map(Value::as_i64);
        let ids: Vec<i32> = ids.filter_map(|id| id.try_into().ok()).collect();
        self.client.delete_messages(chat, &ids).await?;
        Ok(Value::Null)
    }

    /// The library reads a conversation to its end.
    pub(crate) async fn read(&mut self, order: &Value) -> Told {
        let chat = self.peer(&order["chat"]).await?;
        self.client.mark_as_read(chat).await?;
        Ok(Value::Null)
    }

    pub(crate) async fn history(&mut self, order: &Value) -> Told {
        let chat = self.peer(&order["chat"]).await?;
        let limit = number(order, "limit").and_then(|limit| limit.try_into().ok());
        let mut messages = self.client.iter_messages(chat).limit(limit.unwrap_or(100));
        let mut told = Vec::new();
        while let Some(message) = messages.next().await? {
            told.push(things::message(&message, self.heard.me()));
        }
        Ok(told.into())
    }

    pub(crate) async fn typing(&mut self, order: &Value) -> Told {
        let to = self.peer(&order["to"]).await?;
        let action = tl::enums::SendMessageAction::SendMessageTypingAction;
        self.client.action(to).oneshot(action).await?;
        Ok(json!(null))
    }
}

/// A number of an order, where there is one.
pub(crate) fn number(order: &Value, name: &str) -> Option<i32> {
    order[name].as_i64().and_then(|number| number.try_into().ok())
}

fn buttons(row: &Value) -> Vec<Button> {
    let part = |button: &Value, name: &str| button[name].as_str().unwrap_or_default().to_owned();
    row.as_array()
        .into_iter()
        .flatten()
        .map(|button| Button::data(part(button, "text"), part(button, "data")))
        .collect()
}
