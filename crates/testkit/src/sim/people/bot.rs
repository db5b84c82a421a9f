//! A bot that answers: it polls for updates over HTTP, and says something to whoever writes or
//! presses a button.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};

use super::http;
use crate::sim::house::House;
use crate::sim::net::Cable;
use crate::sim::trace::Trace;

/// A bot, as it is hosted by somebody else.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Bot {
    pub(in crate::sim) id: i64,
    pub(in crate::sim) username: String,
    pub(in crate::sim) token: String,
}

/// What the bot was told and did.
#[derive(Debug, Default)]
pub(in crate::sim) struct BotRecord {
    /// Texts of messages and of edits, by the number of the update.
    pub(in crate::sim) texts: BTreeMap<i64, String>,
    /// Messages that the server has acknowledged to it: chat, text.
    pub(in crate::sim) said: Vec<(i64, String)>,
    /// How many presses it has answered.
    pub(in crate::sim) answered: u64,
    pub(in crate::sim) faults: Vec<String>,
    last: Option<i64>,
    /// Numbers its own texts.
    count: u64,
}

/// A bot at work.
struct Host {
    bot: Bot,
    house: Arc<House>,
    trace: Trace,
    record: Arc<Mutex<BotRecord>>,
    stream: Option<Cable>,
    offset: i64,
}

impl Bot {
    /// Works until it is aborted.
    pub(in crate::sim) async fn run(
        self,
        house: Arc<House>,
        trace: Trace,
        record: Arc<Mutex<BotRecord>>,
    ) {
        let mut host = Host { bot: self, house, trace, record, stream: None, offset: 0 };
        loop {
            host.poll().await;
        }
    }
}

impl Host {
    async fn poll(&mut self) {
        let ask = json!({ "offset": self.offset, "timeout": 20, "limit": 10 });
        let Some(updates) = self.call("getUpdates", &ask).await else {
            return tokio::time::sleep(PAUSE).await;
        };
        let mut before = None;
        for update in updates.as_array().into_iter().flatten() {
            let id = update["update_id"].as_i64().unwrap_or_default();
            self.note(id, before, update);
            before = Some(id);
            self.react(update).await;
            self.offset = id + 1;
        }
    }

    /// Looks whether an update comes where it should.
    fn note(&self, id: i64, before: Option<i64>, update: &Value) {
        let mut record = self.record.lock();
        if before.is_some_and(|before| id != before + 1) || id < self.offset {
            let offset = self.offset;
            record.faults.push(format!("update {id} after {before:?}, from {offset} on"));
        }
        if record.last.is_some_and(|last| id > last + 1) {
            let last = record.last;
            record.faults.push(format!("update {id} follows {last:?}: some were never told"));
        }
        record.last = Some(id);
        for kind in ["message", "edited_message"] {
            if let Some(text) = update[kind]["text"].as_str() {
                record.texts.insert(id, text.to_owned());
            }
        }
    }

    async fn react(&mut self, update: &Value) {
        if let Some(text) = update["message"]["text"].as_str() {
            let chat = update["message"]["chat"]["id"].as_i64().unwrap_or_default();
            self.answer(chat, text).await;
        } else if let Some(id) = update["callback_query"]["id"].as_str() {
            self.on_press(id, &update["callback_query"]["message"]).await;
        }
    }

    async fn answer(&mut self, chat: i64, text: &str) {
        let number = {
            let mut record = self.record.lock();
            record.count += 1;
            record.count
        };
        let text = format!("bot {number} heard {}", text.chars().take(20).collect::<String>());
        let button = json!([[{ "text": "press", "callback_data": format!("p{number}") }]]);
        let ask = json!({
            "chat_id": chat, "text": text, "reply_markup": { "inline_keyboard": button }
        });
        if self.call("sendMessage", &ask).await.is_some() {
            self.record.lock().said.push((chat, text));
        }
    }

    async fn on_press(&mut self, id: &str, message: &Value) {
        let ask = json!({ "callback_query_id": id, "text": "pressed" });
        if self.call("answerCallbackQuery", &ask).await.is_some() {
            self.record.lock().answered += 1;
        }
        let text = message["text"].as_str().unwrap_or("something");
        let ask = json!({
            "chat_id": message["chat"]["id"],
            "message_id": message["message_id"],
            "text": format!("{text}!"),
            "reply_markup": message["reply_markup"],
        });
        self.call("editMessageText", &ask).await;
    }

    /// The result of a method; nothing if there is none, for whatever reason.
    async fn call(&mut self, method: &str, ask: &Value) -> Option<Value> {
        let path = format!("/bot{}/{method}", self.bot.token);
        let asked = tokio::time::timeout(PATIENCE, self.post(&path, &ask.to_string())).await;
        let Ok(Ok((status, body))) = asked else {
            self.stream = None;
            return None;
        };
        self.trace.note(method, u64::from(status), &body);
        let mut answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        if answer["ok"] == true {
            return Some(answer["result"].take());
        }
        let told = format!("{method}: {status} {answer}");
        if !EXPECTED.iter().any(|expected| told.contains(expected)) {
            self.record.lock().faults.push(told);
        }
        None
    }

    async fn post(&mut self, path: &str, body: &str) -> io::Result<(u16, Vec<u8>)> {
        if self.stream.is_none() {
            self.stream = Some(Arc::clone(&self.house).dial_bot_api().await?);
        }
        let stream = self.stream.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        http::post(stream, path, body).await
    }
}

/// What a bot may be told in a world where things break.
const EXPECTED: [&str; 8] = [
    // It is new, and somebody deleted what it wanted to change.
    "message to edit not found",
    "message is not modified",
    "query is too old",
    "QUERY_ID_INVALID",
    // A poll of a connection that is gone still waits.
    "terminated by other getUpdates request",
    // The data centre is on its way down or up.
    "500",
    "502",
    "chat not found",
];
/// How long a call may take: the long poll, and time to get through.
const PATIENCE: Duration = Duration::from_secs(60);
/// Before a call that failed is tried again.
const PAUSE: Duration = Duration::from_millis(700);
