//! `heliogram user new` and `heliogram bot new`, on a running cloud or on its directory.

use std::error::Error;
use std::path::Path;

use heliogram_dc::{Home, Server};
use serde_json::json;

use crate::cli::{At, Bot, BotAction, Up, User, UserAction};
use crate::control::{self, Request, Response};
use crate::settings::Settings;

/// Makes a person's account.
pub(crate) fn user(command: User) -> Result<(), Box<dyn Error>> {
    let UserAction::New(new) = command.action;
    let request = Request::NewUser {
        phone: new.phone.clone(),
        first_name: new.first_name,
        last_name: new.last_name,
        username: new.username,
        dc: new.dc,
    };
    match ask(&new.at.data, request)? {
        Response::User(id) if new.at.json => {
            println!("{}", json!({ "id": id, "phone": new.phone }))
        }
        Response::User(id) => println!("{id}"),
        other => return Err(refusal(other).into()),
    }
    Ok(())
}

/// Makes a bot; prints its token and nothing else.
pub(crate) fn bot(command: Bot) -> Result<(), Box<dyn Error>> {
    let BotAction::New(new) = command.action;
    let request =
        Request::NewBot { name: new.name, username: new.username.clone(), owner: new.owner };
    match ask(&new.at.data, request)? {
        Response::Token(token) => print_token(&new.at, &new.username, &token),
        other => return Err(refusal(other).into()),
    }
    Ok(())
}

fn print_token(at: &At, username: &str, token: &str) {
    if at.json {
        println!("{}", json!({ "token": token, "username": username }));
    } else {
        println!("{token}");
    }
}

/// Asks the cloud that runs on `data`, or opens the directory where none does.
fn ask(data: &Path, request: Request) -> Result<Response, Box<dyn Error>> {
    match control::ask(data, &request) {
        Some(response) => Ok(response?),
        None => {
            let settings = Settings::decide(Up { data: Some(data.to_owned()), ..Up::default() })?;
            let home = Home::Directory { path: data.to_owned(), accept_loss: false };
            Ok(control::carry_out(&Server::open(&home, settings.dc)?, request))
        }
    }
}

fn refusal(response: Response) -> String {
    match response {
        Response::Error(error) => error,
        other => format!("unexpected answer {other:?}"),
    }
}
