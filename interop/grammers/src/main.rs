//! grammers as an actor.
//!
//! `interop/ACTOR.md` is the contract. The library has neither an address nor a key to set: the
//! address comes with the session, the key with a copy of `grammers-mtproto` that the launcher makes.

mod actor;
mod bots;
mod ears;
mod files;
mod lines;
mod login;
mod password;
mod session;
mod settings;
mod talk;
mod things;
mod trouble;

use actor::Actor;
use tokio::io::{AsyncBufReadExt as _, BufReader, stdin};
use tracing_subscriber::filter::LevelFilter;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::WARN)
        .with_writer(std::io::stderr)
        .without_time()
        .with_ansi(false)
        .init();
    lines::say_ready();
    let mut actor = Actor::new();
    let mut orders = BufReader::new(stdin()).lines();
    while let Ok(Some(line)) = orders.next_line().await {
        let (id, order) = lines::order(&line);
        let told = actor.perform(&order).await;
        lines::say_told(id, told);
    }
    actor.stop().await;
    // The thread that reads standard input is no reason to stay.
    std::process::exit(0);
}
