//! What can be done to a bot, once it is chosen.

use heliogram_ids::UserId;

use super::reply::Reply;
use crate::cx::Writing;
use crate::domain::{bots, names, users};
use crate::error::Rpc;
use crate::record::{BotCommand, BotCommands, UserRow};
use crate::tables::Commands;

/// The commands that begin with the choice of a bot, and what they do.
pub(super) const ALL: [(&str, &str); 7] = [
    ("setname", "change its name"),
    ("setdescription", "change what is shown in an empty chat with it"),
    ("setabouttext", "change the text of its profile"),
    ("setcommands", "change the list of its commands"),
    ("deletebot", "take it away for ever"),
    ("token", "show its token"),
    ("revoke", "give it another token"),
];

pub(super) fn is_known(command: &str) -> bool {
    ALL.iter().any(|(known, _)| *known == command)
}

/// What is asked after the choice; nothing for commands that need no more.
pub(super) fn question(command: &str) -> Option<&'static str> {
    Some(match command {
        "setname" => "Send me its new name.",
        "setdescription" => "Send me the new description, up to 512 characters.",
        "setabouttext" => "Send me the new text of its profile, up to 120 characters.",
        "setcommands" => {
            "Send me all its commands, one in each line:\n\ncommand1 - what it does\ncommand2 - what \
             it does\n\nSend `empty` for none."
        }
        "deletebot" => "It will be gone for ever. If you are sure, send: Yes, I am totally sure.",
        _ => return None,
    })
}

/// Does what needs no further answer.
pub(super) fn act(cx: &mut Writing<'_>, bot: UserId, row: &UserRow, command: &str) -> Rpc<Reply> {
    let username = row.username.as_deref().unwrap_or_default();
    if command == "revoke" {
        let token = bots::revoke(cx, bot)?;
        let reply =
            Reply::new(format!("The old token of @{username} is void. The new one is:\n\n"));
        return Ok(reply.code(&token));
    }
    let token = row.bot.as_ref().map(|profile| bots::token(bot, profile)).unwrap_or_default();
    let reply = Reply::new(format!("The token of @{username} for the HTTP API is:\n\n"));
    Ok(reply.code(&token))
}

/// An answer, and whether the question is settled with it.
pub(super) struct Settled {
    pub(super) said: Reply,
    pub(super) done: bool,
}

fn again(text: &str) -> Rpc<Settled> {
    Ok(Settled { said: Reply::new(text), done: false })
}

/// Takes the value that was asked for.
pub(super) fn set(cx: &mut Writing<'_>, bot: UserId, command: &str, text: &str) -> Rpc<Settled> {
    match command {
        "setname" => {
            let Ok(name) = names::parse_first_name(text, cx.world.limits()) else {
                return again("A name has 1 to 64 characters. Try another one.");
            };
            let mut row = users::require(cx.db, bot)?;
            row.first_name = name;
            users::save(cx, bot, &row)?;
        }
        "setdescription" => {
            if text.chars().count() > bots::DESCRIPTION_CHARS_MAX {
                return again("That is too long: a description has up to 512 characters.");
            }
            bots::update(cx.db, bot, |row| {
                if let Some(profile) = &mut row.bot {
                    profile.description = text.to_owned();
                }
            })?;
        }
        "setabouttext" => {
            if text.chars().count() > bots::ABOUT_CHARS_MAX {
                return again("That is too long: a profile text has up to 120 characters.");
            }
            bots::update(cx.db, bot, |row| row.about = text.to_owned())?;
        }
        "setcommands" => {
            let Some(commands) = parse_commands(text, cx.world.limits().bot_commands_max) else {
                return again(
                    "I cannot read that. Names have 1 to 32 lower-case letters, digits and \
                     underscores; then come a hyphen and a description.",
                );
            };
            let key = (bot, "default".to_owned(), String::new());
            cx.db.put::<Commands>(&key, &BotCommands { commands })?;
            bots::update(cx.db, bot, |_| {})?;
        }
        "deletebot" => {
            if !text.trim_end_matches('.').eq_ignore_ascii_case("yes, i am totally sure") {
                return again("Send exactly `Yes, I am totally sure.`, or /cancel.");
            }
            bots::delete(cx, bot)?;
            let said = Reply::new("Done! The bot is gone.");
            return Ok(Settled { said, done: true });
        }
        _ => {}
    }
    Ok(Settled { said: Reply::new("Success! Send /help for what else I can do."), done: true })
}

fn parse_commands(text: &str, max: usize) -> Option<Vec<BotCommand>> {
    if text.eq_ignore_ascii_case("empty") {
        return Some(Vec::new());
    }
    let mut commands = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (command, description) = line.split_once('-')?;
        commands.push(bots::parse_command(command, description).ok()?);
    }
    (!commands.is_empty() && commands.len() <= max).then_some(commands)
}
