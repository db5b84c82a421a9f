//! Bots that poll: each answers whatever it is told, over the Bot API.

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use heliogram_testkit::outside::Cloud;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::said::Words;
use crate::web::Web;

/// All of them.
pub(crate) struct Bots {
    usernames: Vec<String>,
    faults: Arc<Mutex<Vec<String>>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Bots {
    /// Makes so many and lets them poll.
    ///
    /// # Errors
    /// If one cannot be made or reached.
    pub(crate) async fn start(
        cloud: &Cloud,
        heliogram: &Path,
        count: usize,
    ) -> Result<Self, Box<dyn Error>> {
        let mut bots = Self { usernames: Vec::new(), faults: Arc::default(), tasks: Vec::new() };
        for number in 0..count {
            let username = format!("soak_{number}_bot");
            let token = make(cloud, heliogram, &username)?;
            let faults = Arc::clone(&bots.faults);
            bots.tasks.push(tokio::spawn(serve(cloud.bot_api(), token, faults)));
            bots.usernames.push(username);
        }
        Ok(bots)
    }

    /// Their usernames.
    pub(crate) fn usernames(&self) -> &[String] {
        &self.usernames
    }

    /// Ends them; what went wrong with them.
    pub(crate) fn stop(self) -> Vec<String> {
        self.tasks.iter().for_each(JoinHandle::abort);
        std::mem::take(&mut *self.faults.lock())
    }
}

fn make(cloud: &Cloud, heliogram: &Path, username: &str) -> Result<String, Box<dyn Error>> {
    let made = Command::new(heliogram)
        .args(["bot", "new", "--name", username, "--username", username])
        .args(["--owner", OWNER, "--data"])
        .arg(cloud.data())
        .output()?;
    if !made.status.success() {
        return Err(format!("no bot: {}", String::from_utf8_lossy(&made.stderr)).into());
    }
    Ok(String::from_utf8(made.stdout)?.trim().to_owned())
}

/// Polls for ever. What fails is told, and tried again on another connection.
async fn serve(address: SocketAddr, token: String, faults: Arc<Mutex<Vec<String>>>) {
    let mut offset = 0;
    loop {
        let Err(error) = poll(address, &token, &mut offset).await;
        faults.lock().push(format!("a bot: {error}"));
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
}

async fn poll(
    address: SocketAddr,
    token: &str,
    offset: &mut i64,
) -> Result<std::convert::Infallible, Box<dyn Error + Send + Sync>> {
    let mut web = Web::open(address, token.to_owned()).await?;
    loop {
        let arguments = json!({ "offset": *offset, "timeout": 25 });
        let updates = web.call("getUpdates", &arguments).await?;
        for update in updates.as_array().into_iter().flatten() {
            *offset = update["update_id"].as_i64().map_or(*offset, |id| id + 1);
            if let Some(answer) = answer(update) {
                web.call("sendMessage", &answer).await?;
            }
        }
    }
}

/// What a bot says to an update, if it says anything.
fn answer(update: &Value) -> Option<Value> {
    let message = &update["message"];
    let Words::Said { line, .. } = Words::parse(message["text"].as_str()?)? else { return None };
    Some(json!({ "chat_id": message["chat"]["id"], "text": Words::Heard(line).text() }))
}

/// Whose bots they are: the first person of the probe.
const OWNER: &str = "+9996610050";
