//! Keys that are pressed.

use grammers_tl_types as tl;
use serde_json::{Value, json};

use crate::actor::Actor;
use crate::talk::number;
use crate::trouble::{Told, Trouble};

impl Actor {
    pub(crate) async fn press(&mut self, order: &Value) -> Told {
        let request = tl::functions::messages::GetBotCallbackAnswer {
            game: false,
            peer: self.peer(&order["chat"]).await?.into(),
            msg_id: number(order, "message").unwrap_or_default(),
            data: order["data"].as_str().map(|data| data.as_bytes().to_vec()),
            password: None,
        };
        let tl::enums::messages::BotCallbackAnswer::Answer(answer) =
            self.client.invoke(&request).await?;
        Ok(json!({ "text": answer.message }))
    }

    pub(crate) async fn answer(&mut self, order: &Value) -> Told {
        let press = self.heard.press(order["press"].as_str().unwrap_or_default());
        let press = press.ok_or_else(|| Trouble::named("no such press"))?;
        press.answer().text(order["text"].as_str().unwrap_or_default()).send().await?;
        Ok(Value::Null)
    }
}
