//! What happens without being asked for.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use grammers_client::client::UpdateStream;
use grammers_client::message::Message;
use grammers_client::update::{CallbackQuery, Update};
use grammers_session::types::PeerId;
use grammers_tl_types as tl;
use serde_json::json;
use tokio::sync::{Mutex as AsyncMutex, oneshot};
use tokio::task::JoinHandle;

use crate::lines::say_event;
use crate::things;

/// How long to wait with a connection that does not come back. The library says that it is gone and
/// leaves the rest to its caller.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// What those who order and those who listen both need.
#[derive(Default)]
pub struct Heard {
    me: AtomicI64,
    presses: Mutex<HashMap<String, CallbackQuery>>,
    /// Messages that this very session sent. Held while one is sent, so nobody hears of it too soon.
    pub(crate) own: AsyncMutex<HashSet<i32>>,
}

impl Heard {
    /// Whose session this is.
    pub(crate) fn is_me(&self, id: PeerId) {
        self.me.store(id.bot_api_dialog_id_unchecked(), Ordering::Relaxed);
    }

    pub(crate) fn me(&self) -> i64 {
        self.me.load(Ordering::Relaxed)
    }

    /// Takes a press to answer it.
    pub(crate) fn press(&self, id: &str) -> Option<CallbackQuery> {
        self.presses.lock().unwrap_or_else(PoisonError::into_inner).remove(id)
    }
}

/// A task that listens.
pub struct Ears {
    close: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Ears {
    pub(crate) fn open(stream: UpdateStream, heard: Arc<Heard>) -> Self {
        let (close, closed) = oneshot::channel();
        Self { close, task: tokio::spawn(listen(stream, heard, closed)) }
    }

    /// Has it write down how far it has heard.
    pub(crate) async fn close(self) {
        // It may have gone by itself.
        let _ = self.close.send(());
        let _ = self.task.await;
    }
}

async fn listen(mut stream: UpdateStream, heard: Arc<Heard>, mut closed: oneshot::Receiver<()>) {
    loop {
        let update = tokio::select! {
            update = stream.next() => update,
            _ = &mut closed => break,
        };
        match update {
            Ok(update) => heard.tell(update).await,
            Err(error) if error.is("AUTH_KEY_*") || error.is("SESSION_*") => break,
            Err(_) => tokio::time::sleep(AGAIN_AFTER).await,
        }
    }
    if let Err(error) = stream.sync_update_state().await {
        eprintln!("error: the session cannot be written: {error}");
    }
}

impl Heard {
    async fn tell(&self, update: Update) {
        match update {
            Update::NewMessage(message) if self.is_own(&message).await => {}
            Update::NewMessage(message) => {
                say_event("message", json!({ "message": things::message(&message, self.me()) }));
            }
            Update::MessageEdited(message) => {
                say_event("edit", json!({ "message": things::message(&message, self.me()) }));
            }
            // What this session deleted itself comes as a deletion of nothing.
            Update::MessageDeleted(deletion) if deletion.messages().is_empty() => {}
            Update::MessageDeleted(deletion) => {
                say_event("delete", json!({ "messages": deletion.messages() }));
            }
            Update::CallbackQuery(query) => self.tell_press(query),
            other => tell_raw(other.raw()),
        }
    }

    async fn is_own(&self, message: &Message) -> bool {
        message.outgoing() && self.own.lock().await.contains(&message.id())
    }

    fn tell_press(&self, query: CallbackQuery) {
        let tl::enums::Update::BotCallbackQuery(raw) = &query.raw else { return };
        let id = raw.query_id.to_string();
        let told = json!({
            "press": id, "from": raw.user_id, "message": raw.msg_id,
            "data": String::from_utf8_lossy(query.data()),
        });
        self.presses.lock().unwrap_or_else(PoisonError::into_inner).insert(id, query);
        say_event("press", told);
    }
}

/// What the library hands on as it came.
fn tell_raw(update: &tl::enums::Update) {
    match update {
        tl::enums::Update::ReadHistoryOutbox(read) => {
            say_event("read", json!({ "up_to": read.max_id }));
        }
        tl::enums::Update::UserTyping(typing) => {
            if matches!(typing.action, tl::enums::SendMessageAction::SendMessageTypingAction) {
                say_event("typing", json!({ "from": typing.user_id }));
            }
        }
        tl::enums::Update::UserName(name) => {
            say_event("name", json!({ "user": name.user_id, "first_name": name.first_name }));
        }
        _ => {}
    }
}
