//! Everybody, logged in: who they are, and the seats they write and listen from.

use std::sync::Arc;

use heliogram_client::{Client, ClientBuilder};
use heliogram_ids::{Peer, Timestamp, UserId};
use heliogram_net::Clock;
use heliogram_tl as tl;
use tokio::task::{JoinHandle, JoinSet};

use super::Sky;
use super::plan::Plan;
use super::rage::{Record, Spoken, listen};
use crate::outside::arrive;
use crate::soon;

/// People who are ready for anything.
pub struct Storm {
    pub(super) plan: Plan,
    pub(super) sky: Arc<Sky>,
    pub(super) clock: Clock,
    /// When the sky cleared up.
    pub(super) cleared: Option<Timestamp>,
    pub(super) seats: Vec<Seat>,
    pub(super) spoken: Vec<Spoken>,
    /// What writers were told instead of an acknowledgement.
    pub(super) refused: Vec<String>,
}

/// One session of one person.
pub(crate) struct Seat {
    pub(crate) number: usize,
    /// Whose it is.
    pub(crate) person: usize,
    /// Whom this session was shown, by their numbers.
    pub(crate) neighbours: [(usize, Peer); 2],
    pub(crate) client: Client,
    pub(crate) record: Arc<Record>,
    pub(crate) listener: JoinHandle<()>,
}

impl Storm {
    /// Logs everybody in, under a calm sky. `door` begins a client that goes through it.
    ///
    /// # Panics
    /// If somebody cannot log in: no storm has broken out yet.
    pub async fn gather(
        plan: Plan,
        sky: Arc<Sky>,
        door: impl Fn(&Arc<Sky>) -> ClientBuilder,
    ) -> Self {
        assert!(plan.people >= 3, "neighbours to the left and to the right are two people");
        let mut clients = Vec::new();
        // People first: their other sessions have an account to log in to, and everybody a name.
        for first in [true, false] {
            let sessions = if first { 0..1 } else { 1..plan.sessions_each };
            let seats = (0..plan.people).flat_map(|person| sessions.clone().map(move |_| person));
            clients.extend(crowd(plan.first, seats.collect(), &sky, &door).await);
        }
        let mut seats = Vec::new();
        for (number, (person, client)) in clients.into_iter().enumerate() {
            seats.push(Seat::take(&plan, number, person, client).await);
        }
        let (clock, cleared, spoken, refused) = (Clock::start(), None, Vec::new(), Vec::new());
        Self { plan, sky, clock, cleared, seats, spoken, refused }
    }

    /// The seats, for other weather than a storm.
    pub(crate) fn into_seats(self) -> Vec<Seat> {
        self.seats
    }
}

/// Logs in one session for each entry, many at a time.
async fn crowd(
    first: usize,
    people: Vec<usize>,
    sky: &Arc<Sky>,
    door: &impl Fn(&Arc<Sky>) -> ClientBuilder,
) -> Vec<(usize, Client)> {
    let mut clients = Vec::new();
    for chunk in people.chunks(AT_ONCE) {
        let mut arriving = JoinSet::new();
        for &person in chunk {
            let builder = door(sky);
            let number = first + person;
            arriving
                .spawn(async move { (person, arrive(builder, number, &username(number)).await) });
        }
        clients.extend(arriving.join_all().await);
    }
    clients
}

impl Seat {
    async fn take(plan: &Plan, number: usize, person: usize, client: Client) -> Self {
        let around = [(person + 1) % plan.people, (person + plan.people - 1) % plan.people];
        let mut neighbours = Vec::new();
        for neighbour in around {
            let name = username(plan.first + neighbour);
            let met = client.resolve(name.as_str());
            let met = soon("a neighbour", met).await.expect("everybody has a username");
            let tl::InputPeer::InputPeerUser(user) = met else { panic!("{met:?} is no person") };
            let id = UserId::new(user.user_id).expect("users have positive ids");
            neighbours.push((neighbour, Peer::User(id)));
        }
        let record = Arc::new(Record::default());
        let updates = client.updates_from_oldest().expect("somebody is logged in");
        let listener = tokio::spawn(listen(updates, Arc::clone(&record)));
        let neighbours = neighbours.try_into().expect("two were asked for");
        Self { number, person, neighbours, client, record, listener }
    }
}

pub(crate) fn username(person: usize) -> String {
    format!("storm_{person:04}")
}

/// Sessions that log in at once: a handshake is work for both sides.
const AT_ONCE: usize = 64;
