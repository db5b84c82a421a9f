//! Bots that tell of themselves.

use heliogram_tl as tl;
use heliogram_tl::types;

use crate::error::RpcError;
use crate::fixture::Fixture;

fn command(command: &str, description: &str) -> tl::BotCommand {
    types::BotCommand {
        command: command.into(),
        description: description.into(),
        ..Default::default()
    }
    .into()
}

#[test]
fn commands_are_kept_by_scope_and_language() {
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");
    let bot = cloud.bot("helper_bot", alice);
    let scope = tl::BotCommandScope::BotCommandScopeDefault;
    let set = |lang: &str, commands| tl::bots::SetBotCommands {
        scope: scope.clone(),
        lang_code: lang.into(),
        commands,
    };
    let get =
        |lang: &str| tl::bots::GetBotCommands { scope: scope.clone(), lang_code: lang.into() };
    let commands = vec![command("start", "Begin"), command("help", "Help")];
    assert_eq!(cloud.call(bot, set("", commands.clone())), Ok(true));
    assert_eq!(cloud.call(bot, get("")), Ok(commands));
    assert_eq!(cloud.call(bot, get("de")), Ok(Vec::new()));

    let bad = vec![command("Not A Name", "x")];
    assert_eq!(cloud.call(bot, set("", bad)), Err(RpcError::BOT_COMMAND_INVALID));
    let silent = vec![command("start", "")];
    assert_eq!(cloud.call(bot, set("", silent)), Err(RpcError::BOT_COMMAND_DESCRIPTION_INVALID));
    assert_eq!(cloud.call(bot, get("english")), Err(RpcError::LANG_CODE_INVALID));
    assert_eq!(cloud.call(alice, get("")), Err(RpcError::USER_BOT_REQUIRED));

    let reset = tl::bots::ResetBotCommands { scope: scope.clone(), lang_code: "".into() };
    assert_eq!(cloud.call(bot, reset), Ok(true));
    assert_eq!(cloud.call(bot, get("")), Ok(Vec::new()));
}

#[test]
fn a_bot_is_described_by_itself_and_by_its_owner() {
    let mut cloud = Fixture::new();
    let (alice, bob) = (cloud.person("Alice"), cloud.person("Bob"));
    let bot = cloud.bot("helper_bot", alice);
    let own = tl::bots::SetBotInfo { about: Some("I help".into()), ..Default::default() };
    assert_eq!(cloud.call(bot, own), Ok(true));
    let named = cloud.input_user(alice, bot);
    let name = Some("Helper".into());
    let by_owner = tl::bots::SetBotInfo { bot: Some(named.clone()), name, ..Default::default() };
    assert_eq!(cloud.call(alice, by_owner), Ok(true));

    let ask = tl::bots::GetBotInfo { bot: Some(named), ..Default::default() };
    let expected = types::bots::BotInfo {
        name: "Helper".into(),
        about: "I help".into(),
        description: "".into(),
    };
    assert_eq!(cloud.call(alice, ask), Ok(expected.into()));

    let stranger = Some(cloud.input_user(bob, bot));
    let by_stranger = tl::bots::SetBotInfo { bot: stranger, ..Default::default() };
    assert_eq!(cloud.call(bob, by_stranger), Err(RpcError::BOT_INVALID));
}
