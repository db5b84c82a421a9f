//! `heliogram send`: one text to one chat.

use std::io::Read as _;

use heliogram_client::Client;

use super::via::{Outcome, connect, explain, run};
use crate::cli::Send;

/// Sends a text, and prints the number of the message.
pub(crate) fn send(command: Send) -> Outcome<()> {
    let text = match command.text.as_str() {
        "-" => standard_input()?,
        text => text.to_owned(),
    };
    run(async {
        let client = connect(&command.via).await?;
        let outcome = send_text(&client, &command, text).await;
        client.shutdown().await?;
        outcome
    })
}

async fn send_text(client: &Client, command: &Send, text: String) -> Outcome<()> {
    let sent = client.send_message(command.to.as_str(), text).await;
    let sent = sent.map_err(|error| explain(error, &command.via, &command.to))?;
    println!("{}", sent.id.get());
    Ok(())
}

fn standard_input() -> Outcome<String> {
    let mut text = String::new();
    std::io::stdin().lock().take(TEXT_BYTES_MAX).read_to_string(&mut text)?;
    Ok(text)
}

/// Far more than a server takes for one message, which is for the server to say.
const TEXT_BYTES_MAX: u64 = 1 << 20;
