//! What a person hears, as their session tells it: written down for the end, where it is compared
//! with what was said.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use heliogram_client::updates::{Incoming, UpdateStream};
use heliogram_client::{FileRef, InvokeError};
use heliogram_tl as tl;
use parking_lot::Mutex;

use crate::said::{Line, Words};

/// What one person has heard.
#[derive(Default)]
pub(crate) struct Heard {
    /// Lines of others, and how often each came.
    pub(crate) lines: HashMap<Line, u32>,
    /// Answers of bots to lines of one's own.
    pub(crate) answers: HashMap<Line, u32>,
    /// The newest number in each chat.
    pub(crate) newest: HashMap<i64, i32>,
    /// Files that nobody has looked at yet, the last few.
    pub(crate) files: VecDeque<(Line, FileRef)>,
    /// What must not happen to a listener.
    pub(crate) faults: Vec<String>,
}

/// Shared by who listens and who asks.
pub(crate) type Ear = Arc<Mutex<Heard>>;

/// Writes down every message until the client is shut down.
pub(crate) async fn listen(mut updates: UpdateStream, ear: Ear) {
    loop {
        match updates.next().await {
            Ok(Incoming::Update { update, .. }) => {
                if let Some(message) = new_message(&update) {
                    ear.lock().take(message);
                }
            }
            Ok(other) => ear.lock().faults.push(format!("{other:?}")),
            Err(InvokeError::Closed) => return,
            Err(error) => return ear.lock().faults.push(format!("the updates ended: {error}")),
        }
    }
}

impl Heard {
    fn take(&mut self, message: &tl::types::Message) {
        let tl::Peer::PeerUser(chat) = &message.peer_id else { return };
        if message.out {
            return;
        }
        let before = self.newest.insert(chat.user_id, message.id);
        if let Some(before) = before.filter(|before| *before >= message.id) {
            self.faults.push(format!("message {} came after {before}", message.id));
        }
        match Words::parse(&message.message) {
            Some(Words::Said { line, .. }) => {
                *self.lines.entry(line).or_default() += 1;
                if let Some(file) = message.media.as_ref().and_then(FileRef::of_media) {
                    self.files.push_back((line, file));
                    if self.files.len() > FILES_KEPT {
                        self.files.pop_front();
                    }
                }
            }
            Some(Words::Heard(line)) => *self.answers.entry(line).or_default() += 1,
            None => self.faults.push(format!("somebody said {:?}", message.message)),
        }
    }
}

fn new_message(update: &tl::Update) -> Option<&tl::types::Message> {
    match update {
        tl::Update::UpdateNewMessage(new) => match &new.message {
            tl::Message::Message(message) => Some(message),
            _ => None,
        },
        _ => None,
    }
}

/// The text of a new message.
pub(crate) fn new_text(incoming: &Incoming) -> Option<&str> {
    match incoming {
        Incoming::Update { update, .. } => new_message(update).map(|message| &*message.message),
        _ => None,
    }
}

const FILES_KEPT: usize = 8;
