//! `getMe`, `logOut`, `close`: the bot itself and its life on this server.

use crate::args::Args;
use crate::bots::Bot;
use crate::convert;
use crate::reply::{Answer, Success};

/// `getMe`: the bot as the data centre describes it.
///
/// # Errors
/// None of its own.
pub(super) async fn get_me(bot: &Bot, _args: &Args) -> Answer {
    let me = bot.account()?.describe_me().await?;
    Success::of(&convert::me(&me))
}

/// `logOut`: ends the login, so that another server can take the bot over.
///
/// # Errors
/// None of its own.
pub(super) async fn log_out(bot: &Bot, _args: &Args) -> Answer {
    bot.log_out().await?;
    Success::of(&true)
}

/// `close`: lets go of the bot's folder, so that it can be moved to another server.
///
/// # Errors
/// 429 within ten minutes of the bot's start.
pub(super) async fn close(bot: &Bot, _args: &Args) -> Answer {
    bot.close(bot.now()).await?;
    Success::of(&true)
}
