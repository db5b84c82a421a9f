//! The orders of the contract as methods.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::process::Actor;
use super::things::{Button, Entity, Login, Message, Pressed, User};
use super::trouble::Told;

/// How long 30 MB may take on a machine that does other things as well.
const FILE_WITHIN: Duration = Duration::from_secs(120);

/// A person or bot as an order names it.
#[derive(Clone, Debug, Default, Serialize)]
pub(in crate::interop) struct Who {
    pub(in crate::interop) id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::interop) username: Option<String>,
}

impl Who {
    /// Who a user is.
    pub(in crate::interop) fn is(user: &User) -> Self {
        Self { id: user.id, username: user.username.clone() }
    }
}

/// What is to be said.
#[derive(Clone, Debug, Default)]
pub(in crate::interop) struct Line {
    pub(in crate::interop) text: String,
    pub(in crate::interop) entities: Vec<Entity>,
    pub(in crate::interop) reply_to: Option<i64>,
    pub(in crate::interop) buttons: Vec<Vec<Button>>,
}

impl Line {
    /// Plain words.
    pub(in crate::interop) fn plain(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }
}

impl Actor {
    pub(in crate::interop) fn log_in(
        &mut self,
        phone: &str,
        code: &str,
        password: Option<&str>,
    ) -> Told<User> {
        let mut with = json!({ "phone": phone, "code": code });
        if let Some(password) = password {
            with["password"] = password.into();
        }
        self.ask("log_in", with)
    }

    pub(in crate::interop) fn log_in_bot(&mut self, token: &str) -> Told<User> {
        self.ask("log_in_bot", json!({ "token": token }))
    }

    pub(in crate::interop) fn resume(&mut self) -> Told<User> {
        self.ask("resume", Value::Null)
    }

    pub(in crate::interop) fn set_password(
        &mut self,
        password: Option<&str>,
        old: Option<&str>,
    ) -> Told<()> {
        let mut with = json!({});
        if let Some(password) = password {
            with["password"] = password.into();
        }
        if let Some(old) = old {
            with["old"] = old.into();
        }
        self.done("set_password", with)
    }

    pub(in crate::interop) fn resolve(&mut self, username: &str) -> Told<User> {
        self.ask("resolve", json!({ "username": username }))
    }

    pub(in crate::interop) fn send(&mut self, to: &Who, line: &Line) -> Told<Message> {
        let mut with = json!({ "to": to, "text": line.text });
        if !line.entities.is_empty() {
            with["entities"] = json!(line.entities);
        }
        if let Some(reply_to) = line.reply_to {
            with["reply_to"] = reply_to.into();
        }
        if !line.buttons.is_empty() {
            with["buttons"] = json!(line.buttons);
        }
        self.ask("send", with)
    }

    pub(in crate::interop) fn edit(
        &mut self,
        chat: &Who,
        message: i64,
        text: &str,
    ) -> Told<Message> {
        self.ask("edit", json!({ "chat": chat, "message": message, "text": text }))
    }

    pub(in crate::interop) fn delete(&mut self, chat: &Who, messages: &[i64]) -> Told<()> {
        self.done("delete", json!({ "chat": chat, "messages": messages }))
    }

    pub(in crate::interop) fn read(&mut self, chat: &Who, up_to: i64) -> Told<()> {
        self.done("read", json!({ "chat": chat, "up_to": up_to }))
    }

    pub(in crate::interop) fn history(&mut self, chat: &Who, limit: usize) -> Told<Vec<Message>> {
        self.ask("history", json!({ "chat": chat, "limit": limit }))
    }

    pub(in crate::interop) fn send_file(
        &mut self,
        to: &Who,
        path: &Path,
        kind: &str,
        caption: &str,
    ) -> Told<Message> {
        let with = json!({ "to": to, "path": path, "kind": kind, "caption": caption });
        self.ask_within(FILE_WITHIN, "send_file", with)
    }

    pub(in crate::interop) fn download(
        &mut self,
        chat: &Who,
        message: i64,
        path: &Path,
    ) -> Told<()> {
        let with = json!({ "chat": chat, "message": message, "path": path });
        self.ask_within(FILE_WITHIN, "download", with).map(|_: Value| ())
    }

    pub(in crate::interop) fn typing(&mut self, to: &Who) -> Told<()> {
        self.done("typing", json!({ "to": to }))
    }

    /// Presses a key without waiting here for the bot: [`Self::pressed`] does that.
    pub(in crate::interop) fn press(&mut self, chat: &Who, message: i64, data: &str) -> Told<u64> {
        self.start("press", json!({ "chat": chat, "message": message, "data": data }))
    }

    /// What the bot answered to a press.
    pub(in crate::interop) fn pressed(&mut self, press: u64) -> Told<Pressed> {
        self.finish(press, "press")
    }

    pub(in crate::interop) fn answer(&mut self, press: &Value, text: &str) -> Told<()> {
        self.done("answer", json!({ "press": press, "text": text }))
    }

    pub(in crate::interop) fn rename(&mut self, first_name: &str) -> Told<()> {
        self.done("rename", json!({ "first_name": first_name }))
    }

    pub(in crate::interop) fn sessions(&mut self) -> Told<Vec<Login>> {
        self.ask("sessions", Value::Null)
    }

    pub(in crate::interop) fn end_session(&mut self, hash: &str) -> Told<()> {
        self.done("end_session", json!({ "hash": hash }))
    }

    pub(in crate::interop) fn catch_up(&mut self) -> Told<()> {
        self.done("catch_up", Value::Null)
    }

    pub(in crate::interop) fn log_out(&mut self) -> Told<()> {
        self.done("log_out", Value::Null)
    }

    /// An order whose answer says nothing.
    fn done(&mut self, order: &str, with: Value) -> Told<()> {
        self.ask(order, with).map(|_: Value| ())
    }
}
