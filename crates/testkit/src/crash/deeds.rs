//! What sessions do while the server is killed under them. A deed is repeated until it is
//! acknowledged, as a person would do it; only then is it remembered.

use std::time::Duration;

use heliogram_client::{Client, ClientBuilder, InvokeError};
use heliogram_crypto::Random as _;
use heliogram_ids::MessageId;
use heliogram_tl as tl;
use tokio::sync::watch;

use super::Hand;
use super::hand::Said;
use super::upload::Upload;
use crate::outside::arrive;
use crate::storm::crowd;

impl Hand {
    /// Acts until it is over.
    pub(super) async fn act(
        mut self,
        pause: Duration,
        first: usize,
        door: impl Fn() -> ClientBuilder,
        mut is_over: watch::Receiver<bool>,
    ) -> Self {
        loop {
            let wait = pause.mul_f64(self.rng.below(2000) as f64 / 1000.0);
            if tokio::time::timeout(wait, is_over.wait_for(|over| *over)).await.is_ok() {
                return self;
            }
            match self.rng.below(100) {
                0..50 => self.say().await,
                50..62 => self.edit().await,
                62..68 => self.delete().await,
                68..80 => self.mark_read().await,
                80..90 => self.upload().await,
                90..99 => self.repeat().await,
                _ => self.log_in(first + self.seat.person, &door).await,
            }
        }
    }

    async fn say(&mut self) {
        let (to, random_id) = (self.rng.below(2) as usize, self.rng.i64());
        let number = self.said.len() as u32;
        if let Some(id) = self.send(to, random_id, number).await {
            self.said.push(Said {
                number,
                random_id,
                to,
                id,
                revision: 0,
                is_deleted: false,
                file: None,
            });
        }
    }

    /// Sends a text under a `random_id`; the number that the server gave it.
    async fn send(&mut self, to: usize, random_id: i64, number: u32) -> Option<i32> {
        let peer = self.seat.client.resolve(self.peer(to)).await;
        let request = tl::messages::SendMessage {
            peer: peer.ok()?,
            message: self.text(number, 0).into(),
            random_id,
            ..tl::messages::SendMessage::default()
        };
        match insist(&self.seat.client, &request).await {
            Ok(updates) => self.taken(&updates, random_id),
            Err(error) => {
                self.fault("a message", &error);
                None
            }
        }
    }

    /// The number of a message in what the server says about it.
    fn taken(&mut self, updates: &tl::Updates, random_id: i64) -> Option<i32> {
        let id = match updates {
            tl::Updates::UpdateShortSentMessage(short) => {
                self.saw_pts(short.pts);
                Some(short.id)
            }
            tl::Updates::Updates(all) => all.updates.iter().fold(None, |id, update| match update {
                tl::Update::UpdateMessageId(named) if named.random_id == random_id => {
                    Some(named.id)
                }
                tl::Update::UpdateNewMessage(new) => {
                    self.saw_pts(new.pts);
                    id
                }
                _ => id,
            }),
            _ => None,
        };
        if id.is_none() {
            self.faults.push(format!("seat {}: no number in {updates:?}", self.seat.number));
        }
        id
    }

    /// One of the newest messages of ours that are still there.
    fn pick(&mut self) -> Option<usize> {
        let newest = self.said.len().saturating_sub(PICKED_FROM);
        let there: Vec<usize> =
            (newest..self.said.len()).filter(|&at| !self.said[at].is_deleted).collect();
        let pick = self.rng.below(there.len().max(1) as u64) as usize;
        there.get(pick).copied()
    }

    async fn edit(&mut self) {
        let Some(at) = self.pick() else { return };
        let said = self.said[at].clone();
        let Ok(peer) = self.seat.client.resolve(self.peer(said.to)).await else { return };
        let request = tl::messages::EditMessage {
            peer,
            id: said.id,
            message: Some(self.text(said.number, said.revision + 1).into()),
            ..tl::messages::EditMessage::default()
        };
        match insist(&self.seat.client, &request).await {
            Ok(_) => {}
            // It was done before the server died, and the answer was lost.
            Err(error) if error.is("MESSAGE_NOT_MODIFIED") => {}
            Err(error) => return self.fault("an edit", &error),
        }
        self.said[at].revision += 1;
        self.counts.edited += 1;
    }

    async fn delete(&mut self) {
        let Some(at) = self.pick() else { return };
        let request = tl::messages::DeleteMessages { revoke: true, id: vec![self.said[at].id] };
        match insist(&self.seat.client, &request).await {
            Ok(tl::messages::AffectedMessages::AffectedMessages(affected)) => {
                self.saw_pts(affected.pts);
                self.said[at].is_deleted = true;
                self.counts.deleted += 1;
            }
            Err(error) => self.fault("a deletion", &error),
        }
    }

    async fn mark_read(&mut self) {
        let to = self.rng.below(2) as usize;
        let newest = match self.seat.client.history(self.peer(to), None, 1).await {
            Ok(page) => page.messages.first().map_or(0, id_of),
            Err(InvokeError::GivenUp(_)) => return,
            Err(error) => return self.fault("a page", &error),
        };
        let Ok(peer) = self.seat.client.resolve(self.peer(to)).await else { return };
        let request = tl::messages::ReadHistory { peer, max_id: newest };
        match insist(&self.seat.client, &request).await {
            Ok(tl::messages::AffectedMessages::AffectedMessages(affected)) => {
                self.saw_pts(affected.pts);
                self.counts.read += 1;
            }
            Err(error) => return self.fault("a read mark", &error),
        }
        // What is marked is the server's to say: the newest may have been deleted in between.
        if let Some(dialog) = self.dialog(to).await {
            self.read[to] = self.read[to].max(dialog.read_inbox_max_id);
        }
    }

    /// The dialog with a neighbour, if there is one and an answer.
    pub(super) async fn dialog(&self, to: usize) -> Option<tl::types::Dialog> {
        let peer = self.seat.client.resolve(self.peer(to)).await.ok()?;
        let peers = vec![tl::types::InputDialogPeer { peer }.into()];
        let found =
            insist(&self.seat.client, &tl::messages::GetPeerDialogs { peers }).await.ok()?;
        let tl::messages::PeerDialogs::PeerDialogs(found) = found;
        match found.dialogs.into_iter().next() {
            // Zero says that there is none.
            Some(tl::Dialog::Dialog(dialog)) if dialog.top_message > 0 => Some(*dialog),
            _ => None,
        }
    }

    /// The next part of a file, or the message with the file once all parts are there.
    async fn upload(&mut self) {
        let mut upload = self.upload.unwrap_or_else(|| Upload::draw(&mut self.rng));
        if upload.done == upload.parts {
            return self.say_file(upload).await;
        }
        let request = tl::upload::SaveFilePart {
            file_id: upload.file,
            file_part: upload.done,
            bytes: upload.part(upload.done).into(),
        };
        match insist(&self.seat.client, &request).await {
            Ok(_) => {
                upload.done += 1;
                self.upload = Some(upload);
                self.counts.parts += 1;
            }
            Err(error) => self.fault("a part", &error),
        }
    }

    async fn say_file(&mut self, upload: Upload) {
        let (to, random_id) = (self.rng.below(2) as usize, self.rng.i64());
        let number = self.said.len() as u32;
        let Ok(peer) = self.seat.client.resolve(self.peer(to)).await else { return };
        let file = tl::types::InputFile {
            id: upload.file,
            parts: upload.parts,
            name: "kept.bin".into(),
            md5_checksum: tl::Str::new(),
        };
        let media = tl::types::InputMediaUploadedDocument {
            file: file.into(),
            mime_type: "application/octet-stream".into(),
            force_file: true,
            ..tl::types::InputMediaUploadedDocument::default()
        };
        let request = tl::messages::SendMedia {
            peer,
            media: media.into(),
            message: self.text(number, 0).into(),
            random_id,
            ..tl::messages::SendMedia::default()
        };
        match insist(&self.seat.client, &request).await {
            Ok(updates) => {
                let Some(id) = self.taken(&updates, random_id) else { return };
                let (revision, is_deleted, file) = (0, false, Some(upload));
                self.said.push(Said { number, random_id, to, id, revision, is_deleted, file });
                self.upload = None;
            }
            Err(error) => self.fault("a file", &error),
        }
    }

    /// Sends something once more, under the `random_id` of the first time.
    pub(super) async fn repeat(&mut self) {
        let Some(at) = self.pick() else { return };
        let Said { number, random_id, to, id, ref file, .. } = self.said[at];
        if file.is_some() {
            return;
        }
        if let Some(again) = self.send(to, random_id, number).await {
            self.counts.repeated += 1;
            if again != id {
                let seat = self.seat.number;
                self.faults.push(format!("seat {seat}: {number} was {id}, and again {again}"));
            }
        }
    }

    async fn log_in(&mut self, person: usize, door: &impl Fn() -> ClientBuilder) {
        if self.logins.len() < LOGINS_MAX {
            self.logins.push(arrive(door(), person, &crowd::username(person)).await);
            self.counts.logins += 1;
        }
    }
}

/// Repeats a request that the session gave up: whether it was executed is unknown then, and all
/// deeds here may be done twice.
async fn insist<F: tl::Function>(client: &Client, request: &F) -> Result<F::Return, InvokeError> {
    loop {
        match client.invoke(request).await {
            Err(InvokeError::GivenUp(_)) => {}
            other => return other,
        }
    }
}

pub(super) fn id_of(message: &tl::Message) -> i32 {
    match message {
        tl::Message::Message(message) => message.id,
        tl::Message::MessageService(message) => message.id,
        tl::Message::MessageEmpty(message) => message.id,
    }
}

/// The number by which a page ends.
pub(super) fn before(messages: &[tl::Message]) -> Option<MessageId> {
    messages.last().map(id_of).and_then(MessageId::new)
}

/// Of how many of the newest messages one is picked to be changed or repeated.
const PICKED_FROM: usize = 8;
/// Further logins of one session.
const LOGINS_MAX: usize = 3;
