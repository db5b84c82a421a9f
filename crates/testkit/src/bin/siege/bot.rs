//! An honest bot that polls over HTTP, and somebody who writes to it.

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use heliogram_client::Client;
use heliogram_ids::Peer;
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::field::Source;
use crate::ledger::Ledger;
use crate::town;
use crate::web;

/// A bot, and the one who writes to it.
pub(crate) struct Bot {
    pub(crate) token: String,
    pub(crate) ledger: Arc<Ledger>,
    over: watch::Sender<bool>,
    writer: JoinSet<()>,
    poller: JoinSet<()>,
}

/// Where the bot comes from.
const HOME: usize = 100;
/// A writer's number in the ledger.
const WRITER: usize = 100;

impl Bot {
    /// Makes a bot on a running server.
    ///
    /// # Errors
    /// If the server does not give one.
    pub(crate) fn make(
        heliogram: &Path,
        data: &Path,
        username: &str,
        owner: &str,
    ) -> Result<Self, Box<dyn Error>> {
        let made = Command::new(heliogram)
            .args(["bot", "new", "--name", "Bot", "--username", username])
            .args(["--owner", owner, "--data"])
            .arg(data)
            .output()?;
        if !made.status.success() {
            return Err(String::from_utf8_lossy(&made.stderr).into_owned().into());
        }
        let token = String::from_utf8(made.stdout)?.trim().to_owned();
        let (over, _) = watch::channel(false);
        let (writer, poller) = (JoinSet::new(), JoinSet::new());
        Ok(Self { token, ledger: Arc::default(), over, writer, poller })
    }

    /// Lets somebody write to it, and it listen.
    ///
    /// # Errors
    /// If it is not found.
    pub(crate) async fn talk(
        &mut self,
        api: SocketAddr,
        person: &Client,
        pause: Duration,
    ) -> Result<(), Box<dyn Error>> {
        let bot = town::find(person, "honest_bot").await?;
        self.poller.spawn(poll(api, self.token.clone(), Arc::clone(&self.ledger)));
        let (person, ledger) = (person.clone(), Arc::clone(&self.ledger));
        self.writer.spawn(write(person, bot, ledger, pause, self.over.subscribe()));
        Ok(())
    }

    /// The writer falls silent; says how much the bot never heard.
    pub(crate) async fn fall_silent(&mut self, patience: Duration) -> usize {
        let _ = self.over.send(true);
        let arriving = async {
            while self.writer.join_next().await.is_some() {}
            while self.ledger.under_way() > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let _ = tokio::time::timeout(patience, arriving).await;
        self.ledger.under_way()
    }
}

async fn write(
    person: Client,
    bot: Peer,
    ledger: Arc<Ledger>,
    pause: Duration,
    mut over: watch::Receiver<bool>,
) {
    for number in 0.. {
        let line = (WRITER, number);
        ledger.say(line);
        if let Err(error) = person.send_message(bot, town::words(line)).await {
            ledger.refuse(line, error.to_string());
        }
        if tokio::time::timeout(pause, over.wait_for(|over| *over)).await.is_ok() {
            return;
        }
    }
}

async fn poll(api: SocketAddr, token: String, ledger: Arc<Ledger>) {
    let mut offset = 0;
    loop {
        let path = format!("/bot{token}/getUpdates?timeout=5&offset={offset}");
        let answer = web::get(api, Source::honest(HOME), &path, Duration::from_secs(20)).await;
        let updates = answer.ok().and_then(|(_, body)| serde_json::from_str::<Value>(&body).ok());
        let updates = updates.as_ref().and_then(|answer| answer.get("result")?.as_array());
        let Some(updates) = updates else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        for update in updates {
            let id = update.get("update_id").and_then(Value::as_i64).unwrap_or_default();
            offset = offset.max(id + 1);
            let text = update.pointer("/message/text").and_then(Value::as_str);
            if let Some(line) = text.and_then(town::line) {
                ledger.hear(line);
            }
        }
    }
}
