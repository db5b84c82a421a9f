//! `setMyCommands` and its kin: what a bot says about itself.

use heliogram_ids::UserId;
use heliogram_tl as tl;

use crate::account::Account;
use crate::args::Args;
use crate::bots::Bot;
use crate::error::ApiError;
use crate::params;
use crate::reply::{Answer, Success};
use crate::types::{BotCommand, BotCommandScope, BotDescription, BotName, BotShortDescription};

/// `setMyCommands`: the commands that are offered, by scope and language.
///
/// # Errors
/// `can't parse commands JSON object`, `can't parse BotCommandScope: …`, `invalid language code
/// specified`.
pub(super) async fn set_my_commands(bot: &Bot, args: &Args) -> Answer {
    let params = params::SetMyCommands::read(args)?;
    let lang_code = language(params.language_code)?;
    let account = bot.account()?;
    let scope = scope(account, params.scope).await?;
    let commands = params.commands.unwrap_or_default();
    if commands.is_empty() {
        account.invoke(&tl::bots::ResetBotCommands { scope, lang_code }).await?;
        return Success::of(&true);
    }
    let command = |command: &BotCommand| {
        // People write the slash; the list does not have it.
        let name = command.command.trim_start_matches('/');
        tl::types::BotCommand {
            ephemeral: command.is_ephemeral.unwrap_or_default(),
            command: name.into(),
            description: command.description.as_str().into(),
        }
        .into()
    };
    let commands = commands.iter().map(command).collect();
    account.invoke(&tl::bots::SetBotCommands { scope, lang_code, commands }).await?;
    Success::of(&true)
}

/// `deleteMyCommands`: the commands of a wider scope are offered again.
///
/// # Errors
/// As `setMyCommands`.
pub(super) async fn delete_my_commands(bot: &Bot, args: &Args) -> Answer {
    let params = params::DeleteMyCommands::read(args)?;
    let lang_code = language(params.language_code)?;
    let account = bot.account()?;
    let scope = scope(account, params.scope).await?;
    account.invoke(&tl::bots::ResetBotCommands { scope, lang_code }).await?;
    Success::of(&true)
}

/// `getMyCommands`: the commands of one scope and language.
///
/// # Errors
/// As `setMyCommands`.
pub(super) async fn get_my_commands(bot: &Bot, args: &Args) -> Answer {
    let params = params::GetMyCommands::read(args)?;
    let lang_code = language(params.language_code)?;
    let account = bot.account()?;
    let scope = scope(account, params.scope).await?;
    let commands = account.invoke(&tl::bots::GetBotCommands { scope, lang_code }).await?;
    let shown: Vec<_> = commands
        .iter()
        .map(|tl::BotCommand::BotCommand(command)| BotCommand {
            command: command.command.to_string(),
            description: command.description.to_string(),
            is_ephemeral: command.ephemeral.then_some(true),
        })
        .collect();
    Success::of(&shown)
}

/// `setMyName`: the name in one language.
///
/// # Errors
/// `invalid language code specified`.
pub(super) async fn set_my_name(bot: &Bot, args: &Args) -> Answer {
    let params = params::SetMyName::read(args)?;
    let name = Some(params.name.unwrap_or_default().into());
    set(bot, params.language_code, tl::bots::SetBotInfo { name, ..Default::default() }).await
}

/// `getMyName`: the name in one language.
///
/// # Errors
/// `invalid language code specified`.
pub(super) async fn get_my_name(bot: &Bot, args: &Args) -> Answer {
    let info = info(bot, params::GetMyName::read(args)?.language_code).await?;
    Success::of(&BotName { name: info.name.to_string() })
}

/// `setMyDescription`: what an empty chat with the bot shows.
///
/// # Errors
/// `invalid language code specified`.
pub(super) async fn set_my_description(bot: &Bot, args: &Args) -> Answer {
    let params = params::SetMyDescription::read(args)?;
    let description = Some(params.description.unwrap_or_default().into());
    set(bot, params.language_code, tl::bots::SetBotInfo { description, ..Default::default() }).await
}

/// `getMyDescription`: what an empty chat with the bot shows.
///
/// # Errors
/// `invalid language code specified`.
pub(super) async fn get_my_description(bot: &Bot, args: &Args) -> Answer {
    let info = info(bot, params::GetMyDescription::read(args)?.language_code).await?;
    Success::of(&BotDescription { description: info.description.to_string() })
}

/// `setMyShortDescription`: what the bot's profile shows.
///
/// # Errors
/// `invalid language code specified`.
pub(super) async fn set_my_short_description(bot: &Bot, args: &Args) -> Answer {
    let params = params::SetMyShortDescription::read(args)?;
    let about = Some(params.short_description.unwrap_or_default().into());
    set(bot, params.language_code, tl::bots::SetBotInfo { about, ..Default::default() }).await
}

/// `getMyShortDescription`: what the bot's profile shows.
///
/// # Errors
/// `invalid language code specified`.
pub(super) async fn get_my_short_description(bot: &Bot, args: &Args) -> Answer {
    let info = info(bot, params::GetMyShortDescription::read(args)?.language_code).await?;
    Success::of(&BotShortDescription { short_description: info.about.to_string() })
}

async fn set(bot: &Bot, language_code: Option<String>, change: tl::bots::SetBotInfo) -> Answer {
    let lang_code = language(language_code)?;
    bot.account()?.invoke(&tl::bots::SetBotInfo { lang_code, ..change }).await?;
    Success::of(&true)
}

async fn info(
    bot: &Bot,
    language_code: Option<String>,
) -> Result<tl::types::bots::BotInfo, ApiError> {
    let request = tl::bots::GetBotInfo { bot: None, lang_code: language(language_code)? };
    let tl::bots::BotInfo::BotInfo(info) = bot.account()?.invoke(&request).await?;
    Ok(*info)
}

/// Two letters, or none for everybody.
fn language(code: Option<String>) -> Result<tl::Str, ApiError> {
    let code = code.unwrap_or_default();
    let valid =
        code.is_empty() || (code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase()));
    if valid {
        Ok(code.into())
    } else {
        Err(ApiError::bad_request("invalid language code specified"))
    }
}

async fn scope(
    account: &Account,
    scope: Option<BotCommandScope>,
) -> Result<tl::BotCommandScope, ApiError> {
    use BotCommandScope as S;
    use tl::BotCommandScope as T;
    let fault = |why| ApiError::bad_request(format!("can't parse BotCommandScope: {why}"));
    Ok(match scope {
        None | Some(S::Default(_)) => T::BotCommandScopeDefault,
        Some(S::AllPrivateChats(_)) => T::BotCommandScopeUsers,
        Some(S::AllGroupChats(_)) => T::BotCommandScopeChats,
        Some(S::AllChatAdministrators(_)) => T::BotCommandScopeChatAdmins,
        Some(S::Chat(scope)) => {
            let peer = account.place(&scope.chat_id).await?.input;
            tl::types::BotCommandScopePeer { peer }.into()
        }
        Some(S::ChatAdministrators(scope)) => {
            let peer = account.place(&scope.chat_id).await?.input;
            tl::types::BotCommandScopePeerAdmins { peer }.into()
        }
        Some(S::ChatMember(scope)) => {
            let id = UserId::new(scope.user_id);
            let id = id.ok_or_else(|| fault("Invalid user_id specified"))?;
            let peer = account.place(&scope.chat_id).await?.input;
            let user_id = account.input_user(id).await?;
            tl::types::BotCommandScopePeerUser { peer, user_id }.into()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_two_small_letters() {
        for code in ["", "en"] {
            assert!(language(Some(code.to_owned())).is_ok());
        }
        for code in ["EN", "eng", "e"] {
            let error = language(Some(code.to_owned())).unwrap_err();
            assert_eq!(error.description, "Bad Request: invalid language code specified");
        }
    }
}
