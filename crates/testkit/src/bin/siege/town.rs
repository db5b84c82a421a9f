//! Honest people in pairs, who say something to each other now and then, and expect it to arrive.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use heliogram_client::updates::{Incoming, UpdateStream};
use heliogram_client::{Client, LoginStep};
use heliogram_crypto::rsa::PublicKey;
use heliogram_ids::{DcId, Peer, UserId};
use heliogram_tl as tl;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::field::Source;
use crate::ledger::Ledger;

/// Everybody who is honest.
pub(crate) struct Town {
    people: Vec<Client>,
    names: Vec<(String, String)>,
    pub(crate) ledger: Arc<Ledger>,
    listeners: JoinSet<()>,
    writers: JoinSet<()>,
    over: watch::Sender<bool>,
}

/// How people come in.
pub(crate) struct Gate<'a> {
    pub(crate) address: std::net::SocketAddr,
    pub(crate) key: PublicKey,
    pub(crate) codes: &'a Codes,
}

/// Login codes, as a command has written them down for a server that does not give them away.
pub(crate) struct Codes(PathBuf);

impl Codes {
    /// A command that writes codes down, to be made in a directory.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn prepare(folder: &Path) -> io::Result<Self> {
        use std::os::unix::fs::PermissionsExt as _;
        let codes = Self(folder.join("codes"));
        let script = format!("#!/bin/sh\necho \"$1 $2\" >> '{}'\n", codes.0.display());
        std::fs::write(codes.hook(), script)?;
        std::fs::set_permissions(codes.hook(), std::fs::Permissions::from_mode(0o755))?;
        std::fs::write(&codes.0, "")?;
        Ok(codes)
    }

    /// The command.
    pub(crate) fn hook(&self) -> PathBuf {
        self.0.with_extension("sh")
    }

    /// The newest code of a number.
    async fn of(&self, phone: &str) -> io::Result<String> {
        for _ in 0..500 {
            let written = tokio::fs::read_to_string(&self.0).await?;
            let code = |line: &str| line.strip_prefix(phone)?.strip_prefix(' ').map(str::to_owned);
            if let Some(code) = written.lines().rev().find_map(code) {
                return Ok(code);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(io::Error::other(format!("no code for {phone}")))
    }
}

impl Town {
    /// Lets `count` people log in, each from an address of their own.
    ///
    /// # Errors
    /// If somebody cannot.
    pub(crate) async fn found(count: usize, gate: &Gate<'_>) -> Result<Self, Box<dyn Error>> {
        let (over, _) = watch::channel(false);
        let mut people = Vec::new();
        let mut names = Vec::new();
        for number in 0..count {
            let (phone, name) = (format!("+999661{number:04}"), format!("honest_{number:04}"));
            people.push(arrive(gate, number, &phone, &name).await?);
            names.push((phone, name));
        }
        let (ledger, listeners, writers) = (Arc::default(), JoinSet::new(), JoinSet::new());
        Ok(Self { people, names, ledger, listeners, writers, over })
    }

    /// The phone number and the username of one of them.
    pub(crate) fn name(&self, number: usize) -> (String, String) {
        self.names[number].clone()
    }

    /// One of them.
    pub(crate) fn person(&self, number: usize) -> &Client {
        &self.people[number]
    }

    /// Everybody begins to talk with their neighbour.
    ///
    /// # Errors
    /// If somebody does not find theirs.
    pub(crate) async fn talk(&mut self, pause: Duration) -> Result<(), Box<dyn Error>> {
        for (number, client) in self.people.iter().enumerate() {
            let neighbour = find(client, &self.names[number ^ 1].1).await?;
            let (updates, ledger) = (client.updates_from_oldest()?, Arc::clone(&self.ledger));
            self.listeners.spawn(listen(updates, ledger));
            let (client, ledger) = (client.clone(), Arc::clone(&self.ledger));
            let over = self.over.subscribe();
            self.writers.spawn(write(client, number, neighbour, ledger, pause, over));
        }
        Ok(())
    }

    /// Everybody falls silent; waits for what is under way, and says how much never came.
    pub(crate) async fn fall_silent(&mut self, patience: Duration) -> usize {
        let _ = self.over.send(true);
        let arriving = async {
            while self.writers.join_next().await.is_some() {}
            while self.ledger.under_way() > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let _ = tokio::time::timeout(patience, arriving).await;
        self.ledger.under_way()
    }
}

async fn arrive(
    gate: &Gate<'_>,
    number: usize,
    phone: &str,
    name: &str,
) -> Result<Client, Box<dyn Error>> {
    let address = gate.address;
    let connector = move || connect(address, number);
    let dc = DcId::new(2).ok_or("no such data centre")?;
    let client = Client::builder().api(1, "hash").dc(dc, connector, [gate.key]).connect().await?;
    let LoginStep::Code(step) = client.login_phone(phone).await? else {
        return Err("no code is asked for".into());
    };
    match step.submit(&gate.codes.of(phone).await?).await? {
        LoginStep::SignUp(sign_up) => drop(sign_up.submit("Honest", "").await?),
        other => return Err(format!("{phone} is no newcomer: {other:?}").into()),
    }
    let request = tl::account::UpdateUsername { username: name.into() };
    client.invoke(&request).await?;
    Ok(client)
}

async fn connect(address: std::net::SocketAddr, number: usize) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(Source::honest(number).socket())?;
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Looks somebody up.
///
/// # Errors
/// If there is nobody of that name.
pub(crate) async fn find(client: &Client, name: &str) -> Result<Peer, Box<dyn Error>> {
    match client.resolve(name).await? {
        tl::InputPeer::InputPeerUser(user) => {
            Ok(Peer::User(UserId::new(user.user_id).ok_or("users have positive ids")?))
        }
        other => Err(format!("{other:?} is no person").into()),
    }
}

async fn write(
    client: Client,
    number: usize,
    to: Peer,
    ledger: Arc<Ledger>,
    pause: Duration,
    mut over: watch::Receiver<bool>,
) {
    for count in 0.. {
        let line = (number, count);
        ledger.say(line);
        if let Err(error) = client.send_message(to, words(line)).await {
            ledger.refuse(line, error.to_string());
        }
        if tokio::time::timeout(pause, over.wait_for(|over| *over)).await.is_ok() {
            return;
        }
    }
}

async fn listen(mut updates: UpdateStream, ledger: Arc<Ledger>) {
    while let Ok(incoming) = updates.next().await {
        let Incoming::Update { update, .. } = incoming else { continue };
        let tl::Update::UpdateNewMessage(new) = *update else { continue };
        if let tl::Message::Message(message) = &new.message
            && !message.out
            && let Some(line) = line(&message.message)
        {
            ledger.hear(line);
        }
    }
}

/// A message as it is written.
pub(crate) fn words((person, number): (usize, u32)) -> String {
    format!("{person} says {number}")
}

/// The message that is written so.
pub(crate) fn line(words: &str) -> Option<(usize, u32)> {
    let (person, number) = words.split_once(" says ")?;
    Some((person.parse().ok()?, number.parse().ok()?))
}
