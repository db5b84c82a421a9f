//! Three people do anything in any order; after each step every box must be sound.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use heliogram_crypto::{Random as _, SeededRandom};
use heliogram_ids::UserId;
use heliogram_store::{Prefix, Read as _, StoreError};
use heliogram_tl as tl;

use super::steps::{delete, dialog, edit, history, id, people, pts, read, say, text};
use crate::domain::dialogs;
use crate::fixture::Fixture;
use crate::tables::Updates;

/// What a client knows of one account that does nothing but listen.
#[derive(Clone, Debug, Default, PartialEq)]
struct Known {
    messages: BTreeMap<i32, tl::Message>,
    read_inbox: BTreeMap<i64, i32>,
    read_outbox: BTreeMap<i64, i32>,
}

impl Known {
    fn message(&mut self, message: tl::Message) {
        self.messages.insert(id(&message), message);
    }

    fn update(&mut self, update: &tl::Update) {
        match update {
            tl::Update::UpdateEditMessage(update) => self.message(update.message.clone()),
            tl::Update::UpdateDeleteMessages(update) => {
                self.messages.retain(|id, _| !update.messages.contains(id));
            }
            tl::Update::UpdateReadHistoryInbox(update) => {
                self.read_inbox.insert(peer(&update.peer), update.max_id);
            }
            tl::Update::UpdateReadHistoryOutbox(update) => {
                self.read_outbox.insert(peer(&update.peer), update.max_id);
            }
            tl::Update::UpdatePinnedMessages(update) => {
                for (id, message) in &mut self.messages {
                    if let (true, tl::Message::Message(message)) =
                        (update.messages.contains(id), message)
                    {
                        message.pinned = update.pinned;
                    }
                }
            }
            other => panic!("{other:?}"),
        }
    }

    /// Takes in a difference; returns where it ends.
    fn difference(&mut self, pts: i32, difference: tl::updates::Difference) -> i32 {
        let (new, other, state) = match difference {
            tl::updates::Difference::DifferenceEmpty(_) => return pts,
            tl::updates::Difference::Difference(all) => {
                (all.new_messages, all.other_updates, all.state)
            }
            tl::updates::Difference::DifferenceSlice(part) => {
                (part.new_messages, part.other_updates, part.intermediate_state)
            }
            other => panic!("{other:?}"),
        };
        for message in new {
            self.message(message);
        }
        for update in &other {
            self.update(update);
        }
        let tl::updates::State::State(state) = state;
        state.pts
    }

    fn unread(&self, of: i64) -> usize {
        let read = self.read_inbox.get(&of).copied().unwrap_or(0);
        let is_unread = |message: &&tl::Message| match message {
            tl::Message::Message(message) => !message.out && peer(&message.peer_id) == of,
            tl::Message::MessageService(message) => !message.out && peer(&message.peer_id) == of,
            tl::Message::MessageEmpty(_) => false,
        };
        self.messages.range(read + 1..).filter(|(_, message)| is_unread(message)).count()
    }
}

fn peer(peer: &tl::Peer) -> i64 {
    match peer {
        tl::Peer::PeerUser(user) => user.user_id,
        other => panic!("{other:?}"),
    }
}

/// One account and everything that was known at each position of its log.
struct Listener {
    me: UserId,
    known: BTreeMap<i32, Known>,
}

struct Play {
    cloud: Fixture,
    people: [UserId; 3],
    listeners: Vec<Listener>,
    rng: SeededRandom,
    /// Whether everything is always deleted for both sides.
    revokes: bool,
    /// The kinds of steps that changed something.
    done: BTreeSet<&'static str>,
}

impl Play {
    fn new(seed: u64, revokes: bool) -> Self {
        let (cloud, alice, bob, carol) = people();
        let people = [alice, bob, carol];
        let listener = |me| Listener { me, known: BTreeMap::from([(1, Known::default())]) };
        let listeners = people.map(listener).into();
        Self {
            cloud,
            people,
            listeners,
            rng: SeededRandom::new(seed),
            revokes,
            done: BTreeSet::new(),
        }
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.rng.below(bound)
    }

    fn anybody(&mut self) -> UserId {
        let index = usize::try_from(self.below(3)).expect("an index");
        self.people[index]
    }

    /// An id of the dialog, or one that is not there.
    fn any_message(&mut self, of: UserId, with: UserId) -> i32 {
        let all = history(&mut self.cloud, of, with);
        let index = usize::try_from(self.below(12)).expect("an index");
        all.get(index).map_or(99_999, id)
    }

    fn step(&mut self, number: usize) {
        let (me, with) = (self.anybody(), self.anybody());
        let before = pts(&mut self.cloud, me);
        let revoke = self.revokes || self.below(2) == 0;
        let (kind, grown) = match self.below(12) {
            0 => {
                let named = vec![self.any_message(me, with), self.any_message(me, with)];
                ("delete", delete(&mut self.cloud, me, named, revoke).1)
            }
            1 | 2 => {
                let max_id = self.any_message(me, with);
                ("read", read(&mut self.cloud, me, with, max_id).1)
            }
            3 | 4 => {
                let id = self.any_message(me, with);
                let edited = edit(&mut self.cloud, me, with, id, &format!("edit {number}"));
                ("edit", edited.map_or(0, |answer| covered(&answer)))
            }
            5 => ("pin", self.pin(me, with)),
            6 if self.below(2) == 0 => ("clear", self.clear(me, with, revoke)),
            7 => ("forward", self.forward(me, with)),
            _ => {
                say(&mut self.cloud, me, with, &format!("text {number}"));
                ("say", pts(&mut self.cloud, me) - before)
            }
        };
        if grown > 0 {
            self.done.insert(kind);
        }
        assert_eq!(pts(&mut self.cloud, me), before + grown, "the answer covers what it caused");
        if self.below(3) == 0 {
            self.cloud.wait(Duration::from_secs(1));
        }
    }

    fn pin(&mut self, me: UserId, with: UserId) -> i32 {
        let request = tl::messages::UpdatePinnedMessage {
            id: self.any_message(me, with),
            peer: self.cloud.input_peer(me, with),
            unpin: self.below(3) == 0,
            pm_oneside: self.below(3) == 0,
            silent: false,
        };
        self.cloud.call(me, request).map_or(0, |answer| covered(&answer))
    }

    fn clear(&mut self, me: UserId, with: UserId, revoke: bool) -> i32 {
        let request = tl::messages::DeleteHistory {
            peer: self.cloud.input_peer(me, with),
            just_clear: !self.revokes && self.below(2) == 0,
            max_id: self.any_message(me, with),
            revoke,
            ..Default::default()
        };
        let tl::messages::AffectedHistory::AffectedHistory(answer) =
            self.cloud.call(me, request).expect("an affected history");
        answer.pts_count
    }

    fn forward(&mut self, me: UserId, with: UserId) -> i32 {
        let to = self.anybody();
        let request = tl::messages::ForwardMessages {
            from_peer: self.cloud.input_peer(me, with),
            to_peer: self.cloud.input_peer(me, to),
            id: vec![self.any_message(me, with), self.any_message(me, with)],
            random_id: vec![self.rng.i64(), self.rng.i64()],
            ..Default::default()
        };
        self.cloud.call(me, request).map_or(0, |answer| covered(&answer))
    }

    fn check(&mut self) {
        for index in 0..self.listeners.len() {
            self.check_log(self.people[index]);
            self.listen(index);
            self.check_known(index);
            self.check_dialogs(self.people[index]);
            self.check_unread_dialogs(self.people[index]);
        }
        if self.revokes {
            self.check_both_sides();
        }
    }

    /// What is counted on the way is what is found by reading all dialogs.
    fn check_unread_dialogs(&self, me: UserId) {
        let counts = self.cloud.store.read(|db| {
            let (kept, found) =
                (dialogs::unread_dialogs(db, me)?, dialogs::recount_unread(db, me)?);
            Ok::<_, StoreError>((kept, found))
        });
        let (kept, found) = counts.expect("rows can be read");
        assert_eq!(kept, found, "unread dialogs of {me}");
    }

    /// The log has one row for each position.
    fn check_log(&mut self, me: UserId) {
        let newest = pts(&mut self.cloud, me);
        let rows: Vec<i32> = self
            .cloud
            .store
            .read(|db| {
                let rows = db.range::<Updates>(Prefix(me));
                rows.map(|row| row.map(|((_, pts), _)| pts.get()))
                    .collect::<Result<_, StoreError>>()
            })
            .expect("a log");
        assert_eq!(rows, (2..=newest).collect::<Vec<_>>());
    }

    /// Follows the log one row at a time, as a client that repairs every gap by itself.
    fn listen(&mut self, index: usize) {
        let me = self.people[index];
        let newest = pts(&mut self.cloud, me);
        let listener = &mut self.listeners[index];
        assert_eq!(listener.me, me);
        let (mut at, mut known) = {
            let (at, known) = listener.known.last_key_value().expect("a beginning");
            (*at, known.clone())
        };
        while at < newest {
            let request = tl::updates::GetDifference {
                pts: at,
                pts_limit: Some(1),
                date: i32::MAX,
                ..Default::default()
            };
            let difference = self.cloud.call(me, request).expect("a difference");
            assert_eq!(known.difference(at, difference), at + 1, "one row at a time");
            at += 1;
            listener.known.insert(at, known.clone());
        }
    }

    /// From any position the difference leads to what a fresh login reads.
    fn check_known(&mut self, index: usize) {
        let me = self.people[index];
        let fresh = self.fresh(me);
        let newest = pts(&mut self.cloud, me);
        let starts: Vec<i32> = self.listeners[index].known.keys().copied().collect();
        let chosen = starts[usize::try_from(self.below(starts.len() as u64)).expect("an index")];
        for start in [1, chosen, newest] {
            let mut known = self.listeners[index].known[&start].clone();
            let mut at = start;
            while at < newest {
                at = known.difference(at, super::steps::difference(&mut self.cloud, me, at));
            }
            assert_eq!(known.messages, fresh, "from {start} to {newest}");
            for other in self.people {
                let row = dialog(&mut self.cloud, me, other);
                self.check_length(me, other);
                let unread = usize::try_from(row.unread_count).expect("a count");
                assert_eq!(known.unread(other.get()), unread, "from {start} to {newest}");
                if other != me {
                    let read = known.read_outbox.get(&other.get()).copied().unwrap_or(0);
                    assert_eq!(read, row.read_outbox_max_id);
                }
            }
        }
    }

    /// The length that is kept with a dialog is that of its history.
    fn check_length(&self, me: UserId, other: UserId) {
        let (kept, counted) = self
            .cloud
            .store
            .read(|db| {
                let peer = heliogram_ids::Peer::User(other);
                let kept = dialogs::find(db, me, peer)?.map_or(0, |row| row.messages);
                let counted = db.count::<crate::tables::History>(Prefix((me, peer)), usize::MAX)?;
                Ok::<_, StoreError>((kept, counted))
            })
            .expect("rows can be read");
        assert_eq!(usize::try_from(kept), Ok(counted));
    }

    fn fresh(&mut self, me: UserId) -> BTreeMap<i32, tl::Message> {
        let mut fresh = BTreeMap::new();
        for other in self.people {
            for message in history(&mut self.cloud, me, other) {
                fresh.insert(id(&message), message);
            }
        }
        fresh
    }

    /// The list holds every dialog that has messages, by the newest of them.
    fn check_dialogs(&mut self, me: UserId) {
        let mut expected: Vec<i32> = Vec::new();
        for other in self.people {
            let top = history(&mut self.cloud, me, other).first().map_or(0, id);
            assert_eq!(dialog(&mut self.cloud, me, other).top_message, top);
            expected.extend((top > 0).then_some(top));
        }
        expected.sort_by_key(|id| std::cmp::Reverse(*id));
        let request = tl::messages::GetDialogs { limit: 100, ..Default::default() };
        let tl::messages::Dialogs::Dialogs(list) = self.cloud.call(me, request).expect("dialogs")
        else {
            panic!("three dialogs fit one page")
        };
        let tops: Vec<i32> = list.messages.iter().map(id).collect();
        assert_eq!(tops, expected);
    }

    /// What people wrote stands on both sides in the same order.
    fn check_both_sides(&mut self) {
        let written = |all: Vec<tl::Message>| -> Vec<String> {
            all.iter().filter(|one| matches!(one, tl::Message::Message(_))).map(text).collect()
        };
        let [alice, bob, carol] = self.people;
        for (one, other) in [(alice, bob), (bob, carol), (carol, alice)] {
            let here = written(history(&mut self.cloud, one, other));
            let there = written(history(&mut self.cloud, other, one));
            assert_eq!(here, there);
        }
    }
}

/// How many positions the updates of an answer cover.
fn covered(answer: &tl::Updates) -> i32 {
    let count = |update: &tl::Update| match update {
        tl::Update::UpdateNewMessage(update) => update.pts_count,
        tl::Update::UpdateEditMessage(update) => update.pts_count,
        tl::Update::UpdatePinnedMessages(update) => update.pts_count,
        tl::Update::UpdateReadHistoryInbox(update) => update.pts_count,
        tl::Update::UpdateReadHistoryOutbox(update) => update.pts_count,
        tl::Update::UpdateMessageId(_) => 0,
        other => panic!("{other:?}"),
    };
    super::steps::updates(answer).iter().map(count).sum()
}

#[test]
fn boxes_stay_sound_whatever_people_do() {
    let mut done = BTreeSet::new();
    for seed in 0..8 {
        let mut play = Play::new(seed, seed % 2 == 0);
        for number in 0..80 {
            play.step(number);
            play.check();
        }
        done.extend(play.done);
    }
    let kinds = ["clear", "delete", "edit", "forward", "pin", "read", "say"];
    assert_eq!(done, BTreeSet::from(kinds), "every kind of step has changed something");
}
