//! Files.

use grammers_client::message::InputMessage;
use serde_json::Value;

use crate::actor::Actor;
use crate::talk::number;
use crate::trouble::{Told, Trouble};

impl Actor {
    pub(crate) async fn send_file(&mut self, order: &Value) -> Told {
        let to = self.peer(&order["to"]).await?;
        let path = order["path"].as_str().unwrap_or_default();
        let file = self.client.upload_file(path).await?;
        let message = InputMessage::new().text(order["caption"].as_str().unwrap_or_default());
        let message = match order["kind"].as_str() {
            Some("photo") => message.photo(file),
            _ => message.file(file),
        };
        self.utter(to, message).await
    }

    pub(crate) async fn download(&mut self, order: &Value) -> Told {
        let chat = self.peer(&order["chat"]).await?;
        let message = self.message(chat, number(order, "message").unwrap_or_default()).await?;
        let media = message.media().ok_or_else(|| Trouble::named("no file in the message"))?;
        self.client.download_media(&media, order["path"].as_str().unwrap_or_default()).await?;
        Ok(Value::Null)
    }
}
