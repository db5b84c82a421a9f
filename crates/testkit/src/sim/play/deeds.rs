//! Doing things: each action as the requests that a client makes, and what is made of the answers.

use std::io::Cursor;
use std::sync::Arc;

use heliogram_client::{InvokeError, LoginStep};
use heliogram_ids::MessageId;
use heliogram_tl as tl;
use heliogram_tl::Function;

use super::action::{Action, Whom};
use super::chronicle::{Clearing, Fate, Said, mark_of};
use super::stage::{Desk, Stage};
use super::trouble::{self, is_expected};
use crate::sim::people::{Notebook, Seat, is_forwarded, text_of};

impl Stage {
    /// Does one thing. `number` is that of its step, and makes its texts unique.
    pub(in crate::sim) async fn perform(self: Arc<Self>, number: usize, action: Action) {
        self.trace.note("do", number as u64, format!("{action:?}").as_bytes());
        match action {
            Action::LogIn { person, fresh_key } => self.log_in(person, fresh_key).await,
            Action::LogOut { seat } => self.log_out(seat).await,
            Action::Restart { .. }
            | Action::Disconnect { .. }
            | Action::SlowDown { .. }
            | Action::DisconnectBot
            | Action::Crash { .. }
            | Action::Mishap { .. }
            | Action::FullDisk { .. } => trouble::make(&self, action).await,
            other => self.act(number, other).await,
        }
        self.trace.note("done", number as u64, &[]);
    }

    async fn act(&self, number: usize, action: Action) {
        let Some(desk) = self.desk(seat_of(&action)) else { return };
        match action {
            Action::Say { to, words, .. } => {
                self.say(&desk, to, format!("#{number} {}", "word ".repeat(words)), None).await;
            }
            Action::Burst { to, count, .. } => self.burst(&desk, number, to, count).await,
            Action::Repeat { which, .. } => self.repeat(&desk, which).await,
            Action::Reply { to, which, .. } => {
                let Some((id, _)) = desk.message(self.whom(to).0, which) else { return };
                self.say(&desk, to, format!("#{number} answers"), Some(id)).await;
            }
            Action::Edit { to, which, .. } => self.edit(&desk, number, to, which).await,
            Action::Delete { to, which, count, for_all, .. } => {
                self.delete(&desk, to, which, count, for_all).await;
            }
            Action::Clear { to, just_clear, for_all, .. } => {
                self.clear(&desk, to, just_clear, for_all).await;
            }
            Action::Forward { from, to, which, .. } => {
                self.forward(&desk, from, to, which).await;
            }
            Action::Press { which, .. } => self.press(&desk, which).await,
            Action::SendFile { to, bytes, .. } => self.send_file(&desk, number, to, bytes).await,
            Action::Rename { .. } => self.rename(&desk, number).await,
            Action::Difference { .. } => {
                let all = tl::updates::GetDifference {
                    pts: 1,
                    pts_limit: None,
                    pts_total_limit: None,
                    date: 1,
                    qts: 1,
                    qts_limit: None,
                };
                self.ask(&desk, &all).await;
            }
            other => self.small(&desk, other).await,
        }
    }

    /// What is one request about one chat.
    async fn small(&self, desk: &Desk, action: Action) {
        let to = match &action {
            Action::Read { to, .. }
            | Action::Pin { to, .. }
            | Action::Typing { to, .. }
            | Action::History { to, .. }
            | Action::Draft { to, .. }
            | Action::PinDialog { to, .. }
            | Action::MarkUnread { to, .. } => *to,
            _ => return,
        };
        let (chat, _) = self.whom(to);
        let Some(peer) = self.peer(desk, to).await else { return };
        let dialog = |peer| tl::types::InputDialogPeer { peer }.into();
        match action {
            Action::Read { which, .. } => {
                let Some((max_id, _)) = desk.message(chat, which) else { return };
                if self.ask(desk, &tl::messages::ReadHistory { peer, max_id }).await.is_some() {
                    // As of its deletions.
                    desk.picture.lock().read(chat, max_id);
                }
            }
            Action::Pin { which, pinned, for_both, .. } => {
                let Some((id, _)) = desk.message(chat, which) else { return };
                let (unpin, pm_oneside) = (!pinned, !for_both);
                let pin = tl::messages::UpdatePinnedMessage {
                    silent: false,
                    unpin,
                    pm_oneside,
                    peer,
                    id,
                };
                self.ask(desk, &pin).await;
            }
            Action::Typing { .. } => {
                let action = tl::SendMessageAction::SendMessageTypingAction;
                self.ask(desk, &tl::messages::SetTyping { peer, top_msg_id: None, action }).await;
            }
            Action::History { .. } => {
                let page = tl::messages::GetHistory { peer, limit: 20, ..Default::default() };
                self.ask(desk, &page).await;
            }
            Action::Draft { .. } => {
                let message = "soon".into();
                let draft = tl::messages::SaveDraft { peer, message, ..Default::default() };
                self.ask(desk, &draft).await;
            }
            Action::PinDialog { pinned, .. } => {
                let pin = tl::messages::ToggleDialogPin { pinned, peer: dialog(peer) };
                self.ask(desk, &pin).await;
            }
            Action::MarkUnread { unread, .. } => {
                let mark = tl::messages::MarkDialogUnread {
                    unread,
                    parent_peer: None,
                    peer: dialog(peer),
                };
                self.ask(desk, &mark).await;
            }
            _ => {}
        }
    }

    async fn burst(&self, desk: &Desk, number: usize, to: Whom, count: usize) {
        let one = |part| self.say(desk, to, format!("#{number}.{part} of many"), None);
        futures_util::future::join_all((0..count).map(one)).await;
    }

    async fn say(&self, desk: &Desk, to: Whom, message: String, reply_to: Option<i32>) {
        let Some(peer) = self.peer(desk, to).await else { return };
        let reply_to = reply_to.map(|reply_to_msg_id| {
            tl::types::InputReplyToMessage { reply_to_msg_id, ..Default::default() }.into()
        });
        let request = tl::messages::SendMessage {
            peer,
            message: message.as_str().into(),
            random_id: self.dice.lock().unique(),
            reply_to,
            ..Default::default()
        };
        let mark = self.begin(desk, to, &message, request.clone(), None);
        self.finish(&mark, desk.client.invoke(&request).await, request.random_id, true);
    }

    /// Notes that somebody is about to send something.
    fn begin(
        &self,
        desk: &Desk,
        to: Whom,
        text: &str,
        request: tl::messages::SendMessage,
        file: Option<Vec<u8>>,
    ) -> String {
        let mark = mark_of(text).unwrap_or_default().to_owned();
        let (person, chat) = (desk.person, self.whom(to).0);
        let (touched, deleted) = ([0; 2], [false; 2]);
        let (fate, cleared) = (Fate::Unknown, false);
        let said = Said { person, chat, request, fate, file, touched, deleted, cleared };
        self.chronicle.lock().begin(mark.clone(), self.people[person].id, said);
        mark
    }

    /// Notes what became of it. Only the first try of a request can be refused for good.
    fn finish(
        &self,
        mark: &str,
        answer: Result<tl::Updates, InvokeError>,
        random_id: i64,
        is_first: bool,
    ) {
        match answer {
            Ok(updates) => {
                let mut chronicle = self.chronicle.lock();
                match id_of(&updates, random_id) {
                    Some(id) => {
                        chronicle.done += 1;
                        chronicle.sent(mark, id);
                    }
                    None => chronicle.fault(format!("{mark}: the answer names no message")),
                }
            }
            Err(error) => {
                // A client sends again what a crash left unanswered. If it was done and deleted since,
                // this is how it is told.
                let is_gone = error.is("MESSAGE_ID_INVALID");
                let is_final = !is_gone && error.rpc().is_some_and(|error| error.code == 400);
                if is_first && is_final {
                    self.chronicle.lock().refuse(mark);
                }
                self.note_error(mark, &error);
            }
        }
    }

    async fn repeat(&self, desk: &Desk, which: usize) {
        let found = {
            let chronicle = self.chronicle.lock();
            let own =
                |said: &&(&String, &Said)| said.1.person == desk.person && said.1.file.is_none();
            let all: Vec<_> = chronicle.said.iter().filter(|said| own(&said)).collect();
            let place = which.checked_rem(all.len());
            place.map(|place| (all[place].0.clone(), all[place].1.request.clone()))
        };
        let Some((mark, request)) = found else { return };
        let answer = desk.client.invoke(&request).await;
        self.finish(&mark, answer, request.random_id, false);
    }

    async fn edit(&self, desk: &Desk, number: usize, to: Whom, which: usize) {
        let Some((id, message)) = desk.message(self.whom(to).0, which) else { return };
        let Some(mark) = text_of(&message).and_then(mark_of) else { return };
        let Some(peer) = self.peer(desk, to).await else { return };
        let message = Some(format!("{mark} changed by {number}").into());
        let edit = tl::messages::EditMessage { peer, id, message, ..Default::default() };
        self.ask(desk, &edit).await;
    }

    async fn delete(&self, desk: &Desk, to: Whom, which: usize, count: usize, for_all: bool) {
        let chat = self.whom(to).0;
        let doomed: Vec<_> =
            (which..which + count).filter_map(|which| desk.message(chat, which)).collect();
        if doomed.is_empty() {
            return;
        }
        let note = |known| {
            let mut chronicle = self.chronicle.lock();
            for (_, message) in doomed.iter().filter(|(_, message)| !is_forwarded(message)) {
                let text = text_of(message).unwrap_or_default();
                chronicle.delete(text, desk.person, for_all, known);
            }
        };
        note(false);
        let id = doomed.iter().map(|(id, _)| *id).collect();
        let delete = tl::messages::DeleteMessages { revoke: for_all, id };
        if self.ask(desk, &delete).await.is_some() {
            note(true);
            // Of its own deletions a session is told no more than how many there were.
            desk.picture.lock().forget(&doomed);
        }
    }

    async fn clear(&self, desk: &Desk, to: Whom, just_clear: bool, for_all: bool) {
        let chat = self.whom(to).0;
        let Some(peer) = self.peer(desk, to).await else { return };
        let (person, me) = (desk.person, self.people[desk.person].id);
        let clearing = Clearing { person, me, chat, for_all };
        let ids: Vec<i64> = self.people.iter().map(|person| person.id).collect();
        self.chronicle.lock().clear(clearing, &ids);
        if chat == self.bot.id {
            self.chronicle.lock().bot_cleared.insert(me);
        }
        let clear = tl::messages::DeleteHistory {
            just_clear,
            revoke: for_all,
            peer,
            max_id: 0,
            min_date: None,
            max_date: None,
        };
        if self.ask(desk, &clear).await.is_some() {
            self.chronicle.lock().cleared(clearing);
        }
    }

    async fn forward(&self, desk: &Desk, from: Whom, to: Whom, which: usize) {
        let Some((id, _)) = desk.message(self.whom(from).0, which) else { return };
        let Some(from_peer) = self.peer(desk, from).await else { return };
        let Some(to_peer) = self.peer(desk, to).await else { return };
        let random_id = vec![self.dice.lock().unique()];
        let forward = tl::messages::ForwardMessages {
            from_peer,
            to_peer,
            id: vec![id],
            random_id,
            ..Default::default()
        };
        self.ask(desk, &forward).await;
    }

    async fn press(&self, desk: &Desk, which: usize) {
        let to = self.people.len();
        let Some((msg_id, tl::Message::Message(message))) = desk.message(self.bot.id, which) else {
            return;
        };
        let Some(tl::ReplyMarkup::ReplyInlineMarkup(markup)) = &message.reply_markup else {
            return;
        };
        let buttons = markup.rows.iter().flat_map(|row| {
            let tl::KeyboardInlineButtonRow::KeyboardInlineButtonRow(row) = row;
            row.buttons.iter().filter_map(callback)
        });
        let Some(data) = { buttons }.next() else { return };
        let Some(peer) = self.peer(desk, to).await else { return };
        let press = tl::messages::GetBotCallbackAnswer {
            peer,
            msg_id,
            data: Some(data),
            ..Default::default()
        };
        self.ask(desk, &press).await;
    }

    async fn send_file(&self, desk: &Desk, number: usize, to: Whom, len: usize) {
        let Some(peer) = self.peer(desk, to).await else { return };
        let (bytes, random_id) = {
            let mut dice = self.dice.lock();
            (dice.bytes(len), dice.unique())
        };
        let size = Some(bytes.len() as u64);
        let upload = desk.client.upload(Cursor::new(bytes.clone()), size, "file.bin").run().await;
        let Ok(file) = upload else { return };
        let text = format!("#{number} file");
        let request = tl::messages::SendMedia {
            peer,
            media: tl::types::InputMediaUploadedDocument {
                file,
                mime_type: "application/octet-stream".into(),
                force_file: true,
                ..Default::default()
            }
            .into(),
            message: text.as_str().into(),
            random_id,
            ..Default::default()
        };
        let mark = self.begin(desk, to, &text, tl::messages::SendMessage::default(), Some(bytes));
        self.finish(&mark, desk.client.invoke(&request).await, random_id, true);
    }

    async fn rename(&self, desk: &Desk, number: usize) {
        let name = format!("Name{number}");
        let place = {
            let mut chronicle = self.chronicle.lock();
            let names = chronicle.names.entry(desk.person).or_default();
            names.push((name.clone(), false));
            names.len() - 1
        };
        let rename = tl::account::UpdateProfile {
            first_name: Some(name.as_str().into()),
            ..Default::default()
        };
        if self.ask(desk, &rename).await.is_some() {
            self.chronicle.lock().names.entry(desk.person).or_default()[place].1 = true;
        }
    }

    async fn log_in(&self, person: usize, fresh_key: bool) {
        let person = person % self.people.len();
        let spare = if fresh_key { None } else { self.spare.lock()[person].pop() };
        let notebook = spare.unwrap_or_else(|| Notebook::holding(Default::default()));
        let number = {
            let mut seats = self.seats.lock();
            seats.push(None);
            seats.len() - 1
        };
        let mut seat = Seat::take(self.seed, number, person, notebook, &self.house, &self.clock);
        let client = seat.client.clone();
        let phone = &self.people[person].phone;
        let mut step = client.login_phone(phone).await;
        if let Ok(LoginStep::Code(code)) = step {
            step = code.submit(CODE).await;
        }
        match step {
            Ok(LoginStep::Done(_)) => {
                seat.listen(&self.trace);
                self.seats.lock()[number] = Some(seat);
            }
            Ok(other) => self.chronicle.lock().fault(format!("login asks for {other:?}")),
            Err(error) => {
                self.note_error("login", &error);
                drop(client.shutdown().await);
            }
        }
    }

    async fn log_out(&self, seat: usize) {
        let Some(place) = self.place(seat) else { return };
        // Somebody of each account has to see how it ends.
        let seat = {
            let mut seats = self.seats.lock();
            let person = seats[place].as_ref().map(|seat| seat.person);
            let siblings = seats.iter().flatten().filter(|seat| Some(seat.person) == person);
            if siblings.count() < 2 {
                return;
            }
            seats[place].take()
        };
        let Some(seat) = seat else { return };
        if let Err(error) = seat.client.log_out().await {
            self.note_error("logout", &error);
        }
        drop(seat.client.shutdown().await);
    }

    /// Makes a request, and judges what comes of it.
    pub(super) async fn ask<F: Function>(&self, desk: &Desk, request: &F) -> Option<F::Return> {
        self.settle(desk, F::NAME, desk.client.invoke(request).await)
    }

    /// Judges the answer to a request.
    pub(super) fn settle<T>(
        &self,
        desk: &Desk,
        what: &str,
        answer: Result<T, InvokeError>,
    ) -> Option<T> {
        match answer {
            Ok(result) => {
                self.chronicle.lock().done += 1;
                Some(result)
            }
            Err(error) => {
                self.note_error(&format!("{what} of {}", desk.seat), &error);
                None
            }
        }
    }

    fn note_error(&self, what: &str, error: &InvokeError) {
        let mut chronicle = self.chronicle.lock();
        match error {
            InvokeError::Rpc(rpc) if is_expected(rpc, self.house.is_troubled()) => {
                chronicle.refused += 1;
            }
            // The client was killed, or waited for too long.
            InvokeError::Closed | InvokeError::GivenUp(_) => chronicle.lost += 1,
            other => chronicle.fault(format!("{what}: {other}")),
        }
    }
}

/// Whose action it is.
fn seat_of(action: &Action) -> usize {
    match action {
        Action::Say { seat, .. }
        | Action::Burst { seat, .. }
        | Action::Repeat { seat, .. }
        | Action::Reply { seat, .. }
        | Action::Edit { seat, .. }
        | Action::Delete { seat, .. }
        | Action::Clear { seat, .. }
        | Action::Read { seat, .. }
        | Action::Forward { seat, .. }
        | Action::Pin { seat, .. }
        | Action::Typing { seat, .. }
        | Action::Rename { seat }
        | Action::Press { seat, .. }
        | Action::SendFile { seat, .. }
        | Action::History { seat, .. }
        | Action::Difference { seat }
        | Action::Draft { seat, .. }
        | Action::PinDialog { seat, .. }
        | Action::MarkUnread { seat, .. } => *seat,
        _ => 0,
    }
}

/// What pressing a button sends to its bot, if anything.
fn callback(button: &tl::KeyboardInlineButton) -> Option<tl::Bytes> {
    let tl::KeyboardInlineButton::KeyboardInlineButton(button) = button;
    match &button.r#type {
        tl::InlineButtonType::InlineButtonTypeCallback(callback) => Some(callback.data.clone()),
        _ => None,
    }
}

/// The id that a message got, by the answer to its sender.
fn id_of(updates: &tl::Updates, random_id: i64) -> Option<i32> {
    let updates = match updates {
        tl::Updates::UpdateShortSentMessage(sent) => return Some(sent.id),
        tl::Updates::Updates(updates) => &updates.updates,
        _ => return None,
    };
    updates.iter().find_map(|update| match update {
        tl::Update::UpdateMessageId(named) if named.random_id == random_id => {
            MessageId::new(named.id).map(MessageId::get)
        }
        _ => None,
    })
}

/// Of every test number +999 66 1 YYYY.
const CODE: &str = "11111";
