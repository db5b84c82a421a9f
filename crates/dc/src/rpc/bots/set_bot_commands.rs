//! `bots.setBotCommands`, `bots.resetBotCommands` and `bots.getBotCommands`.

use heliogram_ids::UserId;
use heliogram_store::Read as _;
use heliogram_store::engine::View;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::{Cx, Reading, Writing};
use crate::domain::bots;
use crate::error::{Rpc, RpcError};
use crate::record::BotCommands;
use crate::rpc::input;
use crate::tables::Commands;

/// `bots.setBotCommands`: replaces the commands of one scope and language.
///
/// # Errors
/// `BOT_COMMAND_INVALID`, `BOT_COMMAND_DESCRIPTION_INVALID`, `LANG_CODE_INVALID`,
/// `PEER_ID_INVALID`, `USER_ID_INVALID`.
pub(super) fn set_bot_commands(cx: &mut Writing<'_>, req: tl::bots::SetBotCommands) -> Rpc<bool> {
    let key = key(cx, &req.scope, &req.lang_code)?;
    if req.commands.len() > cx.world.limits().bot_commands_max {
        return Err(RpcError::BOT_COMMAND_INVALID);
    }
    let commands = req
        .commands
        .iter()
        .map(|tl::BotCommand::BotCommand(one)| bots::parse_command(&one.command, &one.description))
        .collect::<Rpc<_>>()?;
    cx.db.put::<Commands>(&key, &BotCommands { commands })?;
    bots::update(cx.db, cx.me, |_| {})?;
    Ok(true)
}

/// `bots.resetBotCommands`: takes the commands of one scope and language away.
///
/// # Errors
/// `LANG_CODE_INVALID`, `PEER_ID_INVALID`, `USER_ID_INVALID`.
pub(super) fn reset_bot_commands(
    cx: &mut Writing<'_>,
    req: tl::bots::ResetBotCommands,
) -> Rpc<bool> {
    let key = key(cx, &req.scope, &req.lang_code)?;
    cx.db.delete::<Commands>(&key)?;
    bots::update(cx.db, cx.me, |_| {})?;
    Ok(true)
}

/// `bots.getBotCommands`: what was set for just this scope and language.
///
/// # Errors
/// `LANG_CODE_INVALID`, `PEER_ID_INVALID`, `USER_ID_INVALID`.
pub(super) fn get_bot_commands(
    cx: &mut Reading<'_>,
    req: tl::bots::GetBotCommands,
) -> Rpc<Vec<tl::BotCommand>> {
    let key = key(cx, &req.scope, &req.lang_code)?;
    let stored = cx.db.get::<Commands>(&key)?;
    let commands = stored.map(|row| row.commands).unwrap_or_default();
    let render = |one: &crate::record::BotCommand| {
        types::BotCommand {
            command: (&one.command).into(),
            description: (&one.description).into(),
            ..Default::default()
        }
        .into()
    };
    Ok(commands.iter().map(render).collect())
}

/// The row of a scope and language of the caller.
fn key<D: View>(
    cx: &Cx<'_, D>,
    scope: &tl::BotCommandScope,
    lang_code: &str,
) -> Rpc<(UserId, String, String)> {
    use tl::BotCommandScope as S;
    let is_code =
        matches!(lang_code.len(), 0 | 2) && lang_code.bytes().all(|c| c.is_ascii_lowercase());
    if !is_code {
        return Err(RpcError::LANG_CODE_INVALID);
    }
    let scope = match scope {
        S::BotCommandScopeDefault => "default".to_owned(),
        S::BotCommandScopeUsers => "users".to_owned(),
        S::BotCommandScopeChats => "chats".to_owned(),
        S::BotCommandScopeChatAdmins => "chat_admins".to_owned(),
        S::BotCommandScopePeer(of) => format!("peer {}", input::peer(cx, &of.peer)?.marked()),
        S::BotCommandScopePeerAdmins(of) => {
            format!("peer_admins {}", input::peer(cx, &of.peer)?.marked())
        }
        S::BotCommandScopePeerUser(of) => {
            let (peer, user) = (input::peer(cx, &of.peer)?, input::user(cx, &of.user_id)?);
            format!("peer_user {} {user}", peer.marked())
        }
    };
    Ok((cx.me, scope, lang_code.to_owned()))
}
