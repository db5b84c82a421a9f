//! `bots.*`: what a bot tells of itself.

mod set_bot_commands;
mod set_bot_info;

#[cfg(test)]
mod tests;

use crate::rpc::route::routes;

routes! {
    bots.getBotCommands   read  Bot       => GetBotCommands, set_bot_commands::get_bot_commands;
    bots.getBotInfo       read  UserOrBot => GetBotInfo, set_bot_info::get_bot_info;
    bots.getBotMenuButton read  Bot       => GetBotMenuButton, set_bot_info::get_bot_menu_button;
    bots.resetBotCommands write Bot       => ResetBotCommands, set_bot_commands::reset_bot_commands;
    bots.setBotCommands   write Bot       => SetBotCommands, set_bot_commands::set_bot_commands;
    bots.setBotInfo       write UserOrBot => SetBotInfo, set_bot_info::set_bot_info;
}
