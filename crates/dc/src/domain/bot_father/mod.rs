//! BotFather: the bot that makes bots, spoken to in messages.
//!
//! It answers in a transaction of its own behind the one that brought the message, so that people
//! get its answers like those of any other bot.

mod commands;
mod dialogue;
mod reply;
#[cfg(test)]
mod tests;

pub(crate) use dialogue::on_message;
