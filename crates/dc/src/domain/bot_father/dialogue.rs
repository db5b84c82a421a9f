//! The course of the dialogue: which question is open, and what the next message answers.

use heliogram_ids::{AuthKeyId, MsgId, Peer, SessionId, Timestamp, UserId};
use heliogram_store::{Read, Txn};

use super::commands;
use super::reply::Reply;
use crate::cx::{Caller, Cx, Writing};
use crate::domain::messages::post::{self, Draft};
use crate::domain::{bots, names, users};
use crate::error::{Rpc, RpcError};
use crate::fanout::Outbox;
use crate::record::{FatherDialogue, UserRow};
use crate::tables::FatherDialogues;
use crate::world::World;

/// Answers one message of `person`; returns what is to be done after the commit.
pub(crate) fn on_message(
    world: &World,
    txn: &mut Txn,
    now: Timestamp,
    person: UserId,
    text: &str,
) -> Rpc<Outbox> {
    let mut outbox = Outbox::default();
    let caller = Caller {
        auth_key: AuthKeyId(0),
        link_key: AuthKeyId(0),
        session: SessionId(0),
        msg_id: MsgId(0),
        ip: None,
        local: None,
        dc: None,
        is_bot: true,
    };
    let mut rng = world.entropy.clone();
    let mut cx = Cx {
        me: users::BOT_FATHER,
        db: txn,
        outbox: &mut outbox,
        caller: &caller,
        now,
        rng: &mut rng,
        world,
    };
    answer(&mut cx, person, text)?;
    Ok(outbox)
}

fn answer(cx: &mut Writing<'_>, person: UserId, text: &str) -> Rpc<()> {
    let reply = respond(cx, person, text.trim())?;
    let (text, markup) = reply.into_parts();
    let draft = Draft { text, markup: Some(markup), ..Draft::default() };
    post::post(cx, users::BOT_FATHER, Peer::User(person), draft)?;
    Ok(())
}

fn respond(cx: &mut Writing<'_>, person: UserId, text: &str) -> Rpc<Reply> {
    if let Some(command) = text.strip_prefix('/') {
        let word = command.split_whitespace().next().unwrap_or_default();
        let name = word.split('@').next().unwrap_or_default().to_ascii_lowercase();
        return on_command(cx, person, &name);
    }
    match cx.db.get::<FatherDialogues>(&person)? {
        None => Ok(Reply::new("I do not know what to do with this. Send /help for what I can do.")),
        Some(FatherDialogue::NewBotName) => on_bot_name(cx, person, text),
        Some(FatherDialogue::NewBotUsername(name)) => on_bot_username(cx, person, &name, text),
        Some(FatherDialogue::ChooseBot(command)) => on_choice(cx, person, &command, text),
        Some(FatherDialogue::SetValue(command, bot)) => {
            let reply = commands::set(cx, bot, &command, text)?;
            if reply.done {
                close(cx, person)?;
            }
            Ok(reply.said)
        }
    }
}

fn on_command(cx: &mut Writing<'_>, person: UserId, command: &str) -> Rpc<Reply> {
    let was_open = cx.db.contains::<FatherDialogues>(&person)?;
    close(cx, person)?;
    match command {
        "start" | "help" => Ok(help()),
        "cancel" if was_open => {
            Ok(Reply::new("Cancelled. What else can I do? Send /help for a list."))
        }
        "cancel" => Ok(Reply::new("There was nothing to cancel.")),
        "newbot" => new_bot(cx, person),
        "mybots" => my_bots(cx, person),
        command if commands::is_known(command) => choose(cx, person, command),
        _ => Ok(Reply::new("I do not know that command. Send /help for what I can do.")),
    }
}

fn help() -> Reply {
    let mut reply = Reply::new("I make bots and look after them.\n\n");
    reply = reply.then("/newbot - make a bot\n/mybots - list your bots\n\n");
    reply = reply.bold("Change a bot").then("\n");
    for (command, what) in commands::ALL {
        reply = reply.then(&format!("/{command} - {what}\n"));
    }
    reply.then("\n/cancel - leave the present question")
}

fn new_bot(cx: &mut Writing<'_>, person: UserId) -> Rpc<Reply> {
    let max = cx.world.limits().bots_per_owner_max;
    if bots::owned(cx.db, person)?.len() >= max {
        return Ok(Reply::new(format!("You have {max} bots, and nobody may have more.")));
    }
    open(cx, person, &FatherDialogue::NewBotName)?;
    Ok(Reply::new("A new bot. What shall it be called? Send me the name that people will see."))
}

fn on_bot_name(cx: &mut Writing<'_>, person: UserId, text: &str) -> Rpc<Reply> {
    let Ok(name) = names::parse_first_name(text, cx.world.limits()) else {
        return Ok(Reply::new("That cannot be a name. Send me one of 1 to 64 characters."));
    };
    open(cx, person, &FatherDialogue::NewBotUsername(name))?;
    Ok(Reply::new(
        "Good. Now a username for it. It must end in `bot`, like this: TetrisBot or tetris_bot.",
    ))
}

fn on_bot_username(cx: &mut Writing<'_>, person: UserId, name: &str, text: &str) -> Rpc<Reply> {
    let username = text.trim_start_matches('@').to_owned();
    let new = bots::NewBot { name: name.to_owned(), username, owner: Some(person) };
    let username = new.username.clone();
    let (_, token) = match bots::create(cx.db, cx.rng, cx.now, cx.world.limits(), new) {
        Ok(made) => made,
        Err(error) if error == RpcError::USERNAME_INVALID => {
            return Ok(Reply::new(bad_username(&username)));
        }
        Err(error) if error == RpcError::USERNAME_OCCUPIED => {
            return Ok(Reply::new("Sorry, this username is taken. Try another one."));
        }
        Err(error) if error == RpcError::USERS_TOO_MUCH => {
            close(cx, person)?;
            return Ok(Reply::new("You have as many bots as one may have."));
        }
        Err(error) => return Err(error),
    };
    close(cx, person)?;
    let reply = Reply::new("Done! Your new bot is @").then(&username);
    let reply = reply
        .then(". You can now give it a description, a profile text and commands, see /help.\n\n");
    let reply = reply.then("Use this token to access the HTTP API:\n").code(&token);
    Ok(reply.then("\nKeep it secret: whoever has it is the bot."))
}

fn bad_username(username: &str) -> &'static str {
    if username.to_ascii_lowercase().ends_with("bot") {
        "Sorry, that username is not valid: 5 to 32 letters, digits and single underscores, and a \
         letter to begin with."
    } else {
        "Sorry, the username must end in `bot`, for example Tetris_bot or TetrisBot."
    }
}

fn my_bots(cx: &mut Writing<'_>, person: UserId) -> Rpc<Reply> {
    let mut reply = Reply::new("Your bots:\n");
    let owned = owned_names(cx, person)?;
    if owned.is_empty() {
        return Ok(none_yet());
    }
    for (_, row) in owned {
        let username = row.username.unwrap_or_default();
        reply = reply.then(&format!("\n@{username} - {}", row.first_name));
    }
    Ok(reply)
}

fn choose(cx: &mut Writing<'_>, person: UserId, command: &str) -> Rpc<Reply> {
    let owned = owned_names(cx, person)?;
    if owned.is_empty() {
        return Ok(none_yet());
    }
    open(cx, person, &FatherDialogue::ChooseBot(command.to_owned()))?;
    let names = owned.into_iter().filter_map(|(_, row)| row.username);
    Ok(Reply::new("Which bot?").choices(names.map(|name| format!("@{name}")).collect()))
}

fn on_choice(cx: &mut Writing<'_>, person: UserId, command: &str, text: &str) -> Rpc<Reply> {
    let wanted = text.trim_start_matches('@');
    let chosen = owned_names(cx, person)?.into_iter().find(|(_, row)| {
        row.username.as_deref().is_some_and(|username| username.eq_ignore_ascii_case(wanted))
    });
    let Some((bot, row)) = chosen else {
        return Ok(Reply::new("That is none of your bots. Choose one, or send /cancel."));
    };
    match commands::question(command) {
        Some(question) => {
            open(cx, person, &FatherDialogue::SetValue(command.to_owned(), bot))?;
            Ok(Reply::new(question))
        }
        None => {
            close(cx, person)?;
            commands::act(cx, bot, &row, command)
        }
    }
}

fn owned_names(cx: &Writing<'_>, person: UserId) -> Rpc<Vec<(UserId, UserRow)>> {
    let mut found = Vec::new();
    for bot in bots::owned(&*cx.db, person)? {
        found.extend(users::find(&*cx.db, bot)?.map(|row| (bot, row)));
    }
    Ok(found)
}

fn none_yet() -> Reply {
    Reply::new("You have no bots yet. Send /newbot to make one.")
}

fn open(cx: &mut Writing<'_>, person: UserId, question: &FatherDialogue) -> Rpc<()> {
    Ok(cx.db.put::<FatherDialogues>(&person, question)?)
}

fn close(cx: &mut Writing<'_>, person: UserId) -> Rpc<()> {
    Ok(cx.db.delete::<FatherDialogues>(&person)?)
}
