//! Where a world takes place: who is in it, what they sit at, and what they have done so far.

use std::sync::Arc;

use heliogram_client::Client;
use heliogram_net::Clock;
use heliogram_tl as tl;
use parking_lot::Mutex;

use super::chronicle::Chronicle;
use crate::sim::dice::Dice;
use crate::sim::house::House;
use crate::sim::people::{Bot, BotRecord, Notebook, Person, Picture, Seat};
use crate::sim::trace::Trace;

/// A world in progress.
pub(in crate::sim) struct Stage {
    pub(in crate::sim) seed: u64,
    pub(in crate::sim) clock: Clock,
    pub(in crate::sim) trace: Trace,
    pub(in crate::sim) house: Arc<House>,
    pub(in crate::sim) people: Vec<Person>,
    pub(in crate::sim) bot: Bot,
    pub(in crate::sim) seats: Mutex<Vec<Option<Seat>>>,
    /// Keys that nobody is logged in on yet, by person.
    pub(in crate::sim) spare: Mutex<Vec<Vec<Notebook>>>,
    pub(in crate::sim) chronicle: Mutex<Chronicle>,
    pub(in crate::sim) bot_record: Arc<Mutex<BotRecord>>,
    pub(in crate::sim) dice: Mutex<Dice>,
}

/// A session, as somebody uses it for one thing.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) seat: usize,
    pub(super) person: usize,
    pub(super) client: Client,
    pub(super) picture: Arc<Mutex<Picture>>,
}

impl Stage {
    /// A session that is logged in, by a number that may be too great; none if nobody is.
    pub(super) fn desk(&self, number: usize) -> Option<Desk> {
        let seats = self.seats.lock();
        let here: Vec<&Seat> = seats.iter().flatten().collect();
        let seat = here.get(number.checked_rem(here.len())?)?;
        Some(Desk {
            seat: seat.number,
            person: seat.person,
            client: seat.client.clone(),
            picture: Arc::clone(&seat.picture),
        })
    }

    /// The number of the seat that such a number means.
    pub(super) fn place(&self, number: usize) -> Option<usize> {
        self.desk(number).map(|desk| desk.seat)
    }

    /// Whom a number means: id and username.
    pub(super) fn whom(&self, number: usize) -> (i64, &str) {
        let number = number % (self.people.len() + 1);
        match self.people.get(number) {
            Some(person) => (person.id, &person.username),
            None => (self.bot.id, &self.bot.username),
        }
    }

    /// A session's access to whom a number means.
    pub(super) async fn peer(&self, desk: &Desk, number: usize) -> Option<tl::InputPeer> {
        let (id, username) = self.whom(number);
        if id == self.people[desk.person].id {
            return Some(tl::InputPeer::InputPeerSelf);
        }
        self.settle(desk, "resolve", desk.client.resolve(username).await)
    }
}

impl Desk {
    /// A message of a chat, by a number that may be too great.
    pub(super) fn message(&self, chat: i64, which: usize) -> Option<(i32, tl::Message)> {
        let picture = self.picture.lock();
        let ids = picture.ids(chat);
        let id = *ids.get(which.checked_rem(ids.len())?)?;
        Some((id, picture.messages.get(&id)?.clone()))
    }
}
