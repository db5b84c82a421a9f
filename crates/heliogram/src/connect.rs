//! `heliogram connect`: snippets that run as they stand, with this cloud's address and key in them.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};

use serde_json::json;

use crate::cli::{Connect, Stock};
use crate::control::{self, Request, Response};

/// What a snippet is filled with.
struct Place {
    address: SocketAddr,
    bot_api: String,
    dc_id: i32,
    key: String,
}

/// Prints the snippet of one client.
pub(crate) fn run(command: &Connect) -> Result<(), Box<dyn Error>> {
    let data = &command.at.data;
    let key_file = data.join("server.pub.pem");
    let key = std::fs::read_to_string(&key_file).map_err(|error| {
        format!("cannot read {}: {error}; has `heliogram up` run here?", key_file.display())
    })?;
    let (listen, bot_api, dc_id) = match control::ask(data, &Request::Addresses) {
        Some(answer) => match answer? {
            Response::Addresses { listen, bot_api, dc_id } => (listen, bot_api, dc_id),
            other => return Err(format!("unexpected answer {other:?}").into()),
        },
        // Nothing runs: the defaults are where it will be.
        None => ("127.0.0.1:7700".to_owned(), "127.0.0.1:8081".to_owned(), 2),
    };
    let mut address: SocketAddr = listen.parse()?;
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    let key = key.trim().to_owned();
    let place = Place { address, bot_api, dc_id, key };
    let snippet = snippet(command.client, &place);
    if command.at.json {
        println!(
            "{}",
            json!({
                "snippet": snippet,
                "host": address.ip().to_string(),
                "port": address.port(),
                "web_socket": format!("ws://{address}/apiws"),
                "http": format!("http://{address}/api"),
                "dc_id": place.dc_id,
                "key": place.key,
                "bot_api": place.bot_api,
            })
        );
    } else {
        print!("{snippet}");
    }
    Ok(())
}

fn snippet(client: Stock, place: &Place) -> String {
    let template = match client {
        Stock::Telethon => include_str!("connect/telethon.py"),
        Stock::Pyrogram => include_str!("connect/pyrogram.py"),
        Stock::Gramjs => include_str!("connect/gramjs.mjs"),
        Stock::Mtcute => include_str!("connect/mtcute.mjs"),
        Stock::Tdlib => include_str!("connect/tdlib.md"),
        Stock::PythonTelegramBot => include_str!("connect/python_telegram_bot.py"),
        Stock::Aiogram => include_str!("connect/aiogram.py"),
        Stock::Grammy => include_str!("connect/grammy.mjs"),
    };
    template
        .replace("{{host}}", &place.address.ip().to_string())
        .replace("{{port}}", &place.address.port().to_string())
        .replace("{{address}}", &place.address.to_string())
        .replace("{{dc_id}}", &place.dc_id.to_string())
        .replace("{{bot_api}}", &place.bot_api)
        .replace("{{key}}", &place.key)
}
