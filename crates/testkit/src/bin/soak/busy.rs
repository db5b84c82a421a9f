//! Busy people, each with a neighbour to the left, one to the right, and a bot.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use heliogram_client::Client;
use heliogram_crypto::SeededRandom;
use heliogram_ids::{Peer, UserId};
use heliogram_testkit::outside::{Cloud, arrive};
use heliogram_tl as tl;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::Arguments;
use crate::bots::Bots;
use crate::diary::Diary;
use crate::errands::{Account, Person};
use crate::idle::{ACCOUNTS, ADDRESSES, door};
use crate::listen::{Ear, listen};

/// Everybody who is busy.
pub(crate) struct Town {
    /// Those at leisure; nobody while they are busy.
    pub(crate) people: Vec<Person>,
    /// What came of their errands, in the same order.
    pub(crate) accounts: Vec<Account>,
}

impl Town {
    /// Has everybody arrive and get to know their neighbours.
    ///
    /// # Errors
    /// If the server cannot be reached or does not know somebody.
    pub(crate) async fn gather(
        arguments: &Arguments,
        cloud: &Cloud,
        bots: &Bots,
        diary: Arc<Diary>,
    ) -> Result<Self, Box<dyn Error>> {
        let count = arguments.clients.max(3);
        let clients = arrivals(cloud, count).await?;
        let mut people = Vec::with_capacity(count);
        for (number, client) in clients.into_iter().enumerate() {
            let [left, right] = [(number + count - 1) % count, (number + 1) % count];
            let bot = bots.usernames().get(number % bots.usernames().len().max(1));
            let ear = Ear::default();
            tokio::spawn(listen(client.updates_from_oldest()?, Arc::clone(&ear)));
            people.push(Person {
                number,
                neighbours: [
                    (left, meet(&client, &username(left)).await?),
                    (right, meet(&client, &username(right)).await?),
                ],
                bot: match bot {
                    Some(bot) => Some(meet(&client, bot).await?),
                    None => None,
                },
                client,
                ear,
                pause: Duration::from_secs_f64(count as f64 / arguments.rate.max(0.1)),
                rng: SeededRandom::new(arguments.seed ^ (1 + number as u64)),
                diary: Arc::clone(&diary),
            });
        }
        Ok(Self { people, accounts: Vec::new() })
    }

    /// Has everybody run errands for so long, and waits for those under way.
    pub(crate) async fn live(&mut self, lasts: Duration) {
        let (end, over) = watch::channel(false);
        let mut living = JoinSet::new();
        for person in self.people.drain(..) {
            living.spawn(person.live(over.clone()));
        }
        tokio::time::sleep(lasts).await;
        let _ = end.send(true);
        let mut lives = living.join_all().await;
        lives.sort_by_key(|(person, _)| person.number);
        (self.people, self.accounts) = lives.into_iter().unzip();
    }
}

async fn arrivals(cloud: &Cloud, count: usize) -> Result<Vec<Client>, Box<dyn Error>> {
    let mut clients = Vec::with_capacity(count);
    let numbers: Vec<usize> = (0..count).collect();
    for chunk in numbers.chunks(AT_ONCE) {
        let mut arriving = JoinSet::new();
        for &number in chunk {
            let account = ACCOUNTS + PROBES + number;
            let door = door(cloud, ADDRESSES + account)?;
            arriving.spawn(async move { (number, arrive(door, account, &username(number)).await) });
        }
        let mut arrived = arriving.join_all().await;
        arrived.sort_by_key(|(number, _)| *number);
        clients.extend(arrived.into_iter().map(|(_, client)| client));
    }
    Ok(clients)
}

async fn meet(client: &Client, username: &str) -> Result<Peer, Box<dyn Error>> {
    match client.resolve(username).await? {
        tl::InputPeer::InputPeerUser(user) => {
            let id = UserId::new(user.user_id).ok_or("users have positive ids")?;
            Ok(Peer::User(id))
        }
        other => Err(format!("{username} is no person: {other:?}").into()),
    }
}

fn username(number: usize) -> String {
    format!("busy_{number:04}")
}

/// Sessions that log in at once.
const AT_ONCE: usize = 32;
/// Accounts of the probe, behind the idle ones.
const PROBES: usize = 2;
