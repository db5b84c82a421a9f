//! `bots.setBotInfo`, `bots.getBotInfo` and `bots.getBotMenuButton`.

use heliogram_ids::UserId;
use heliogram_store::engine::View;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::{Cx, Reading, Writing};
use crate::domain::{bots, names, users};
use crate::error::{Rpc, RpcError};
use crate::record::UserRow;
use crate::rpc::input;

/// `bots.setBotInfo`: the name, the profile text and the description of a bot, by itself or by its
/// owner. They are kept in one language; for others nothing is stored.
///
/// # Errors
/// `BOT_INVALID`, `LANG_CODE_INVALID`, `FIRSTNAME_INVALID`, `ABOUT_TOO_LONG`.
pub(super) fn set_bot_info(cx: &mut Writing<'_>, req: tl::bots::SetBotInfo) -> Rpc<bool> {
    let bot = managed(cx, req.bot.as_ref())?;
    if !req.lang_code.is_empty() {
        return Err(RpcError::LANG_CODE_INVALID);
    }
    let mut row = users::require(cx.db, bot)?;
    if let Some(name) = &req.name {
        row.first_name = names::parse_first_name(name, cx.world.limits())?;
    }
    if let Some(about) = &req.about {
        row.about = bounded(about, bots::ABOUT_CHARS_MAX)?;
    }
    if let (Some(description), Some(profile)) = (&req.description, &mut row.bot) {
        profile.description = bounded(description, bots::DESCRIPTION_CHARS_MAX)?;
    }
    if let Some(profile) = &mut row.bot {
        profile.info_version = profile.info_version.wrapping_add(1).max(1);
    }
    users::save(cx, bot, &row)?;
    Ok(true)
}

/// `bots.getBotInfo`: the same texts, by the bot itself or by its owner.
///
/// # Errors
/// `BOT_INVALID`.
pub(super) fn get_bot_info(
    cx: &mut Reading<'_>,
    req: tl::bots::GetBotInfo,
) -> Rpc<tl::bots::BotInfo> {
    let bot = managed(cx, req.bot.as_ref())?;
    let UserRow { first_name, about, bot, .. } = users::require(cx.db, bot)?;
    let description = bot.map(|profile| profile.description).unwrap_or_default();
    Ok(types::bots::BotInfo {
        name: first_name.into(),
        about: about.into(),
        description: description.into(),
    }
    .into())
}

/// `bots.getBotMenuButton`: there are no web apps, so every button shows the commands.
pub(super) fn get_bot_menu_button(
    _: &mut Reading<'_>,
    _: tl::bots::GetBotMenuButton,
) -> Rpc<tl::BotMenuButton> {
    Ok(tl::BotMenuButton::BotMenuButtonDefault)
}

fn bounded(text: &str, chars_max: usize) -> Rpc<String> {
    let text = text.trim();
    if text.chars().count() > chars_max {
        Err(RpcError::ABOUT_TOO_LONG)
    } else {
        Ok(text.to_owned())
    }
}

/// The bot that is meant: the caller, or one of the caller's own.
fn managed<D: View>(cx: &Cx<'_, D>, named: Option<&tl::InputUser>) -> Rpc<UserId> {
    let id = match named {
        Some(named) => input::user(cx, named).map_err(|_| RpcError::BOT_INVALID)?,
        None => cx.me,
    };
    let bot = users::require(&*cx.db, id)?.bot.ok_or(RpcError::BOT_INVALID)?;
    if id == cx.me || bot.owner == Some(cx.me) { Ok(id) } else { Err(RpcError::BOT_INVALID) }
}
