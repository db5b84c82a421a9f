//! P11: messages from person to person, through the whole of a durable data centre, against what
//! the engine commits by itself of the same rows.
//!
//! Sixteen people write to each other in pairs, each over a connection of their own and with sixteen
//! messages on their way; each also hears what the other writes. All of them are clients in this
//! thread, whose work is part of what is measured.

use bytes::Bytes;
use heliogram_crypto::{Random as _, SeededRandom};
use heliogram_tl::{self as tl, Encode as _};

use super::cloud::{CODE, Cloud, Person};
use super::sends::{self, BURST, IN_FLIGHT, Senders};
use super::wire::Client;
use crate::rounds::race;
use crate::row::{Bar, Outcome, Row, Unit};
use crate::{Trouble, place};

const PEOPLE: usize = 16;
const TEXT: &str = "a line of about sixty bytes, as long as people write to people";

pub(super) fn rows() -> Result<Vec<Row>, Trouble> {
    let dir = place::scratch()?;
    let cloud = Cloud::at(&dir.path().join("cloud"))?;
    let mut talkers = talkers(&cloud)?;
    agree(&mut talkers)?;
    let store = sends::open(&dir.path().join("store"))?;
    let mut senders = Senders::new(7);
    sends::agree(&store, &mut senders)?;

    let times =
        race(&mut [&mut || talk(&mut talkers, BURST).expect("messages are taken"), &mut || {
            sends::burst(&store, &mut senders)
        }]);
    let rate = |who| Unit::PerSecond.of(BURST as f64 * 1e9 / times.nanos(who));
    Ok(vec![Row {
        target: "P11",
        what: "durable messages.sendMessage, 256 in flight",
        outcome: Outcome::Measured {
            ours: rate(0),
            partner: "the store alone, same rows",
            theirs: rate(1),
            figure: Unit::Share.of(times.ratio(1, 0)),
            bar: Bar::AtLeast(0.4),
        },
    }])
}

/// Somebody who writes to somebody.
struct Talker {
    client: Client,
    peer: tl::InputPeer,
    rng: SeededRandom,
    waiting: usize,
    left: usize,
}

fn talkers(cloud: &Cloud) -> Result<Vec<Talker>, Trouble> {
    let people: Vec<Person> = (0..PEOPLE).map(|n| cloud.person(n)).collect::<Result<_, _>>()?;
    (0..PEOPLE).map(|n| Talker::log_in(cloud, n, &people[n], &people[n ^ 1])).collect()
}

impl Talker {
    fn log_in(cloud: &Cloud, number: usize, me: &Person, other: &Person) -> Result<Self, Trouble> {
        let session = 100 + number as u32;
        let client = Client::connect(cloud.address, session, None)?;
        let (mut client, _) = cloud.introduce(client)?;
        client.log_in(&me.phone, CODE)?;
        client.call(&tl::updates::GetState {})?;
        let username = other.username.as_str().into();
        let found = client.call(&tl::contacts::ResolveUsername { username, referer: None })?;
        let tl::contacts::ResolvedPeer::ResolvedPeer(found) = found;
        let Some(tl::User::User(user)) = found.users.first() else {
            return Err("nobody has that username".into());
        };
        let access_hash = user.access_hash.ok_or("a user without an access hash")?;
        let peer = tl::types::InputPeerUser { user_id: user.id, access_hash }.into();
        let rng = SeededRandom::new(u64::from(session));
        Ok(Self { client, peer, rng, waiting: 0, left: 0 })
    }

    fn message(&mut self) -> Bytes {
        let request = tl::messages::SendMessage {
            peer: self.peer.clone(),
            message: TEXT.into(),
            random_id: self.rng.i64() | 1,
            ..Default::default()
        };
        request.to_bytes().into()
    }

    /// Asks until as much is on its way as may be.
    fn fill(&mut self) -> Result<(), Trouble> {
        while self.left > 0 && self.waiting < IN_FLIGHT / PEOPLE {
            let message = self.message();
            self.client.queue(message)?;
            (self.left, self.waiting) = (self.left - 1, self.waiting + 1);
        }
        self.client.flush()
    }
}

/// Has so many messages sent by all of them together.
fn talk(talkers: &mut [Talker], messages: usize) -> Result<(), Trouble> {
    for talker in &mut *talkers {
        talker.left = messages / PEOPLE;
        talker.fill()?;
    }
    while talkers.iter().any(|talker| talker.waiting > 0) {
        for talker in talkers.iter_mut().filter(|talker| talker.waiting > 0) {
            talker.waiting -= talker.client.hear(&mut drop)?;
            talker.fill()?;
        }
    }
    Ok(())
}

/// What was said is in the history of who said it and of who heard it.
fn agree(talkers: &mut [Talker]) -> Result<(), Trouble> {
    talk(talkers, PEOPLE)?;
    for talker in talkers {
        let peer = talker.peer.clone();
        let request = tl::messages::GetHistory { peer, limit: 10, ..Default::default() };
        let texts = match talker.client.call(&request)? {
            tl::messages::Messages::Messages(page) => page.messages.len(),
            _ => return Err("a history of two messages is a slice".into()),
        };
        if texts != 2 {
            return Err(format!("{texts} messages arrived of one from each").into());
        }
    }
    Ok(())
}
