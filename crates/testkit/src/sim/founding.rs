//! How every world begins: accounts, logins and keys, made once and copied.
//!
//! Key exchanges cost more than everything else that happens in a world, so they happen here, over
//! the same code: what a world starts from is what a server and its clients have written down.

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use heliogram_client::LoginStep;
use heliogram_client::session::Snapshot;
use heliogram_crypto::SeededRandom;
use heliogram_crypto::rsa::PrivateKey;
use heliogram_dc::{Limits, NewBot, NewUser};
use heliogram_ids::Timestamp;
use heliogram_net::Clock;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::disk::{Disk, Files, Ground, Journal, Outage};
use super::house::{Blueprint, House};
use super::net::{Sky, Weather};
use super::people::{Bot, Notebook, Person, Seat};
use super::trace::Trace;

/// What every world begins with.
pub(super) struct Founding {
    pub(super) key: PrivateKey,
    /// When it was done.
    pub(super) now: Timestamp,
    pub(super) journal: Journal,
    pub(super) files: Files,
    pub(super) people: Vec<Person>,
    pub(super) bot: Bot,
    /// Sessions that are logged in, with the numbers of their people.
    pub(super) seats: Vec<(usize, Snapshot)>,
    /// Sessions that have a key and no login, by person.
    pub(super) spare: Vec<Vec<Snapshot>>,
}

impl Founding {
    /// The one of this process.
    ///
    /// # Panics
    /// If a server and some clients do not come about in calm weather.
    pub(super) fn of_process() -> &'static Self {
        static FOUNDING: OnceLock<Founding> = OnceLock::new();
        FOUNDING.get_or_init(|| {
            let found = std::thread::spawn(|| runtime().block_on(found()));
            found.join().expect("the founding does not fail")
        })
    }
}

/// A runtime on which time passes when nothing else happens.
pub(super) fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().expect("a runtime without a driver for input")
}

async fn found() -> Founding {
    let clock = Clock::starting_at(START);
    let trace = Trace::new(clock.clone(), false);
    let key = PrivateKey::generate(&mut SeededRandom::new(SEED));
    let house = House::build(Blueprint {
        seed: SEED,
        key: key.clone(),
        limits: Limits::DEFAULT,
        clock: clock.clone(),
        trace: trace.clone(),
        sky: Sky::new(SEED, Weather::CALM, clock.clone(), trace),
        disk: Disk::holding(Journal::default(), SEED),
        ground: Ground::with(&Files::new()).expect("there is room for files"),
    });
    house.open().expect("an empty server starts");
    let people = settle(&house);
    let bot = hire(&house);
    let mut seats = Vec::new();
    let mut spare = vec![Vec::new(); people.len()];
    for (number, person) in (0..people.len() * SESSIONS_EACH).map(|n| (n, n % people.len())) {
        seats.push((person, log_in(&house, &clock, number, person, &people, &bot).await));
    }
    for (person, spare) in spare.iter_mut().enumerate() {
        for number in 0..SPARE_EACH {
            spare.push(agree(&house, &clock, 100 + 10 * person + number, person).await);
        }
    }
    greet(&house, &bot).await.expect("the Bot API server answers");
    // Everything is written down by then.
    tokio::time::sleep(Duration::from_secs(5)).await;
    house.crash(Outage::Kill);
    let (journal, now) = (house.disk.journal(), clock.now());
    let files = house.ground.lock().files().expect("the files are there");
    Founding { key, now, journal, files, people, bot, seats, spare }
}

fn settle(house: &House) -> Vec<Person> {
    let server = house.server().expect("it was opened");
    let person = |(number, name): (usize, &str)| {
        let phone = format!("+999661{number:04}");
        let username = format!("{}_sim", name.to_lowercase());
        let user = NewUser {
            phone: phone.clone(),
            first_name: name.to_owned(),
            last_name: String::new(),
            username: Some(username.clone()),
            home: None,
        };
        Person { id: server.new_user(user).expect("the number is free"), phone, username }
    };
    NAMES.into_iter().enumerate().map(person).collect()
}

fn hire(house: &House) -> Bot {
    let server = house.server().expect("it was opened");
    let username = "echo_sim_bot".to_owned();
    let bot =
        NewBot { name: "Echo".to_owned(), username: username.clone(), owner_phone: String::new() };
    let token = server.new_bot(bot).expect("the name is free");
    let id = token.split(':').next().and_then(|id| id.parse().ok()).expect("a token has an id");
    Bot { id, username, token }
}

/// A session that is logged in and knows everybody.
async fn log_in(
    house: &Arc<House>,
    clock: &Clock,
    number: usize,
    person: usize,
    people: &[Person],
    bot: &Bot,
) -> Snapshot {
    let notebook = Notebook::holding(Snapshot::default());
    let seat = Seat::take(SEED, number, person, notebook, house, clock);
    let step = seat.client.login_phone(&people[person].phone).await.expect("a code is sent");
    let LoginStep::Code(code) = step else { panic!("a code is asked for") };
    let step = code.submit(CODE).await.expect("the code is right");
    assert!(matches!(step, LoginStep::Done(_)), "no more than a code is asked for");
    for username in people.iter().map(|person| &person.username).chain([&bot.username]) {
        seat.client.resolve(username.as_str()).await.expect("everybody is known");
    }
    seat.client.shutdown().await.expect("a notebook takes everything");
    seat.notebook.read(Snapshot::clone)
}

/// A session with a key and no login.
async fn agree(house: &Arc<House>, clock: &Clock, number: usize, person: usize) -> Snapshot {
    let notebook = Notebook::holding(Snapshot::default());
    let seat = Seat::take(SEED, number, person, notebook, house, clock);
    let mut status = seat.client.status();
    let online = status.wait_for(|status| *status == heliogram_client::Status::Online);
    drop(online.await.expect("the client lives"));
    seat.client.shutdown().await.expect("a notebook takes everything");
    seat.notebook.read(Snapshot::clone)
}

/// The bot's first call, by which the Bot API server logs in.
async fn greet(house: &Arc<House>, bot: &Bot) -> io::Result<()> {
    let mut stream = Arc::clone(house).dial_bot_api().await?;
    let request =
        format!("GET /bot{}/getMe HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n\r\n", bot.token);
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    assert!(answer.contains("\"ok\":true"), "{answer}");
    Ok(())
}

const SEED: u64 = 0;
const START: Timestamp = Timestamp::from_secs(1_800_000_000);
const NAMES: [&str; 3] = ["Ada", "Bela", "Cleo"];
const SESSIONS_EACH: usize = 2;
const SPARE_EACH: usize = 2;
/// Of every test number +999 66 1 YYYY.
const CODE: &str = "11111";
