//! After the busy phase: everybody is given time to hear the last of it, then everything that was
//! acknowledged is looked for where it has to be.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use heliogram_client::Page;
use heliogram_ids::{MessageId, Peer};
use heliogram_tl as tl;

use crate::bots::Bots;
use crate::busy::Town;
use crate::errands::{KINDS, Person, Spoken, To};
use crate::said::{Line, Words};

/// What became of everything.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    /// Messages of people that were acknowledged.
    pub(crate) messages: u64,
    /// Where something had to be, and was looked for.
    pub(crate) places: u64,
    /// Not where they had to be.
    pub(crate) missing: u64,
    /// There more than once.
    pub(crate) doubled: u64,
    /// There in another form than the last.
    pub(crate) stale: u64,
    /// How many errands of each kind were done, in words.
    pub(crate) errands: String,
    /// Whatever else must not happen, in words.
    pub(crate) faults: Vec<String>,
}

impl Town {
    /// Counts everything.
    pub(crate) async fn settle(&self, bots: &Bots) -> Outcome {
        self.recover().await;
        let mut outcome = Outcome { errands: self.errands(), ..Outcome::default() };
        for account in &self.accounts {
            outcome.messages += account.spoken.len() as u64;
            outcome.faults.extend_from_slice(&account.faults);
        }
        for person in &self.people {
            self.look_at(person, !bots.usernames().is_empty(), &mut outcome);
            for (neighbour, peer) in person.neighbours {
                self.read(person, neighbour, peer, &mut outcome).await;
            }
        }
        outcome
    }

    /// Waits until nobody misses anything, or for long enough.
    async fn recover(&self) {
        let began = Instant::now();
        let misses = |person: &Person| {
            let heard = person.ear.lock();
            let missed = self.due(person.number).any(|line| !heard.lines.contains_key(&line));
            missed || self.answers_due(person.number).any(|line| !heard.answers.contains_key(&line))
        };
        while self.people.iter().any(misses) && began.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// What a person has to hear of others.
    fn due(&self, person: usize) -> impl Iterator<Item = Line> {
        let neighbours = self.people[person].neighbours.iter();
        let spoken = neighbours.flat_map(|(neighbour, _)| &self.accounts[*neighbour].spoken);
        let to_them = move |spoken: &&Spoken| spoken.to == To::Person(person);
        spoken.filter(to_them).map(|spoken| spoken.line)
    }

    /// What a person has to hear of their bot.
    fn answers_due(&self, person: usize) -> impl Iterator<Item = Line> {
        let to_bot = |spoken: &&Spoken| spoken.to == To::Bot;
        self.accounts[person].spoken.iter().filter(to_bot).map(|spoken| spoken.line)
    }

    fn look_at(&self, person: &Person, has_bot: bool, outcome: &mut Outcome) {
        let heard = person.ear.lock();
        let place = format!("what {} heard", person.number);
        outcome.count(&place, self.due(person.number), &heard.lines);
        if has_bot {
            let place = format!("what a bot answered {}", person.number);
            outcome.count(&place, self.answers_due(person.number), &heard.answers);
        }
        outcome.faults.extend(heard.faults.iter().map(|fault| format!("{place}: {fault}")));
    }

    /// Reads a whole chat and compares it with what both have said.
    async fn read(&self, person: &Person, neighbour: usize, peer: Peer, outcome: &mut Outcome) {
        let place = format!("history of {} with {neighbour}", person.number);
        let found = match history(person, peer).await {
            Ok(found) => found,
            Err(error) => return outcome.faults.push(format!("{place}: {error}")),
        };
        let mut times: HashMap<Line, u32> = HashMap::new();
        let mut edits: HashMap<Line, u32> = HashMap::new();
        for (line, edited) in found {
            *times.entry(line).or_default() += 1;
            edits.insert(line, edited);
        }
        let said: Vec<Spoken> = self.between(person.number, neighbour).collect();
        outcome.count(&place, said.iter().map(|spoken| spoken.line), &times);
        let is_stale =
            |spoken: &&Spoken| edits.get(&spoken.line).is_some_and(|edits| *edits != spoken.edits);
        for spoken in said.iter().filter(is_stale) {
            outcome.stale += 1;
            outcome.faults.push(format!("{place}: {spoken:?} is there in another form"));
        }
    }

    fn between(&self, one: usize, other: usize) -> impl Iterator<Item = Spoken> {
        let sides = [(one, other), (other, one)].into_iter();
        sides.flat_map(|(from, to)| {
            let spoken = self.accounts[from].spoken.iter().copied();
            spoken.filter(move |spoken| spoken.to == To::Person(to))
        })
    }

    fn errands(&self) -> String {
        let mut words = String::new();
        for (at, (_, name, _)) in KINDS.iter().enumerate() {
            let done: u64 = self.accounts.iter().map(|account| account.done[at]).sum();
            let _ = write!(words, "{done} {name}  ");
        }
        words.trim_end().to_owned()
    }
}

impl Outcome {
    /// Looks for what is due in a place among what is there, with how often it is.
    fn count(&mut self, place: &str, due: impl Iterator<Item = Line>, found: &HashMap<Line, u32>) {
        for line in due {
            self.places += 1;
            if !found.contains_key(&line) {
                self.missing += 1;
                self.faults.push(format!("{place}: {line:?} is missing"));
            }
        }
        for (line, times) in found.iter().filter(|(_, times)| **times > 1) {
            self.doubled += 1;
            self.faults.push(format!("{place}: {line:?} is there {times} times"));
        }
    }
}

/// Everything of ours in a chat, and how often it was changed.
async fn history(
    person: &Person,
    peer: Peer,
) -> Result<Vec<(Line, u32)>, heliogram_client::InvokeError> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let Page { messages, .. } = person.client.history(peer, before, 100).await?;
        let Some(oldest) = messages.last() else { return Ok(all) };
        before = MessageId::new(match oldest {
            tl::Message::Message(message) => message.id,
            tl::Message::MessageService(message) => message.id,
            tl::Message::MessageEmpty(message) => message.id,
        });
        all.extend(messages.iter().filter_map(said));
    }
}

fn said(message: &tl::Message) -> Option<(Line, u32)> {
    let tl::Message::Message(message) = message else { return None };
    match Words::parse(&message.message)? {
        Words::Said { line, edits } => Some((line, edits)),
        Words::Heard(_) => None,
    }
}

/// How long everybody may take to hear the last of it.
const PATIENCE: Duration = Duration::from_secs(120);

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(due: &[u32], found: &[(u32, u32)], missing: u64, doubled: u64) {
        let line = |number: u32| Line { person: 0, number };
        let found = found.iter().map(|(number, times)| (line(*number), *times)).collect();
        let mut outcome = Outcome::default();
        outcome.count("here", due.iter().copied().map(line), &found);
        assert_eq!((outcome.missing, outcome.doubled), (missing, doubled));
        assert_eq!(outcome.faults.len() as u64, missing + doubled);
    }

    #[test]
    fn what_is_missing_and_what_is_doubled_is_counted() {
        check(&[1, 2], &[(1, 1), (2, 1)], 0, 0);
        check(&[1, 2], &[(1, 1)], 1, 0);
        // What was never acknowledged may be there, once.
        check(&[1], &[(1, 1), (3, 2)], 0, 1);
    }
}
