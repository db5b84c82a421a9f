//! After the storm: everybody recovers, and everything is counted.

use std::collections::HashSet;
use std::time::Duration;

use heliogram_ids::{MessageId, Peer};
use heliogram_tl as tl;

use super::Storm;
use super::crowd::Seat;
use super::rage::{Heard, Line, said};
use super::verdict::{Verdict, disorder};
use crate::soon;

impl Storm {
    /// Waits until every session has heard all that it has to, then looks at every record and at
    /// both sides' histories.
    pub async fn settle(&self) -> Verdict {
        let recovered = self.recover().await;
        let mut verdict = Verdict {
            sessions: self.seats.len(),
            people: self.plan.people,
            struck: self.sky.struck(),
            acknowledged: self.spoken.len(),
            refused: self.refused.clone(),
            recovered,
            ..Verdict::default()
        };
        for seat in &self.seats {
            self.look_at(seat, &mut verdict);
        }
        for seat in self.seats.iter().take(self.plan.people) {
            for (neighbour, chat) in seat.neighbours {
                let history = history(seat, chat).await;
                let lines: Vec<Line> = history.iter().map(|said| said.line).collect();
                let expected = self.between(seat.person, neighbour);
                verdict.written += expected.len();
                let place = format!("history of {} with {neighbour}", seat.person);
                verdict.count(&place, &expected, &lines);
            }
        }
        verdict
    }

    /// Has everybody hang up.
    pub async fn disperse(self) {
        for seat in self.seats {
            // A session in memory has nothing to write down.
            let _ = seat.client.shutdown().await;
            soon("a listener's end", seat.listener).await.expect("listeners do not panic");
        }
    }

    /// How long after the storm nobody missed anything any more; nothing, if somebody still does.
    async fn recover(&self) -> Option<Duration> {
        let cleared = self.cleared?;
        let past = || self.clock.now().saturating_since(cleared);
        while self.seats.iter().any(|seat| self.misses(seat)) {
            if past() >= self.plan.patience {
                return None;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Some(past())
    }

    fn misses(&self, seat: &Seat) -> bool {
        let heard: HashSet<Line> = seat.record.heard().iter().map(|heard| heard.line).collect();
        !self.due(seat).is_subset(&heard)
    }

    /// What a session has to hear: all that is said to and by its person, elsewhere.
    fn due(&self, seat: &Seat) -> HashSet<Line> {
        let concerns = |spoken: &&super::rage::Spoken| {
            (spoken.from == seat.person || spoken.to == seat.person) && spoken.line.0 != seat.number
        };
        self.spoken.iter().filter(concerns).map(|spoken| spoken.line).collect()
    }

    /// What two people have said to each other.
    fn between(&self, one: usize, other: usize) -> HashSet<Line> {
        self.spoken
            .iter()
            .filter(|spoken| [(one, other), (other, one)].contains(&(spoken.from, spoken.to)))
            .map(|spoken| spoken.line)
            .collect()
    }

    fn look_at(&self, seat: &Seat, verdict: &mut Verdict) {
        let heard = seat.record.heard();
        let place = format!("session {}", seat.number);
        let due = self.due(seat);
        verdict.heard += due.len();
        // What a session said itself may come back to it, but not twice.
        let lines: Vec<Line> = heard.iter().map(|heard| heard.line).collect();
        verdict.count(&place, &due, &lines);
        for why in seat.record.faults() {
            verdict.fault(format!("{place}: {why}"));
        }
        for (line, id, before) in disorder(&heard) {
            verdict.disordered += 1;
            verdict.fault(format!("{place}: {line:?} is {id}, after {before}"));
        }
    }
}

/// Everything of ours in a chat.
async fn history(seat: &Seat, chat: Peer) -> Vec<Heard> {
    let mut all = Vec::new();
    let mut before = None;
    loop {
        let page = soon("a page", seat.client.history(chat, before, 100)).await;
        let page = page.expect("the chat can be read");
        let Some(oldest) = page.messages.last() else { return all };
        before = MessageId::new(match oldest {
            tl::Message::Message(message) => message.id,
            tl::Message::MessageService(message) => message.id,
            tl::Message::MessageEmpty(message) => message.id,
        });
        all.extend(page.messages.iter().filter_map(said));
    }
}

/// How often to look whether everybody has recovered.
const LOOK_EVERY: Duration = Duration::from_millis(250);
