//! Bots: a keyboard, a press, an answer.

use super::story::{Story, hear_text};
use super::theatre::Part;
use super::verdict::{expect, require};
use crate::interop::actor::{Button, Event, Line, Message, Told, Trouble, Who};
use crate::interop::cast::BOT;

/// A person presses a key of a bot's, and the bot answers.
pub(super) fn button(story: &mut Story) -> Told<()> {
    let person = &mut story.one;
    let bot = if story.stranger.stranger.client.kind == crate::interop::stranger::Kind::BotApi {
        &mut story.other
    } else {
        let missing = || Trouble::Wrong("no bot is logged in".to_owned());
        story.bot.as_mut().ok_or_else(missing)?
    };
    let found = Who::is(&person.actor.resolve(BOT[1])?);
    person.actor.send(&found, &Line::plain("/keys"))?;
    let asked = hear_text(bot, "/keys")?;
    expect(asked.from, Some(person.me.id), "who asked")?;

    let (sent, shown) = show_keys(person, bot)?;
    let press = person.actor.press(&found, shown.id, "y")?;
    let (press_id, from, below) = bot.actor.hear("a press", |event| match event {
        Event::Press { press, from, data, message } if data == "y" => {
            Some((press.clone(), *from, *message))
        }
        _ => None,
    })?;
    expect(from, person.me.id, "who pressed")?;
    require(below.is_none_or(|id| id == sent.id), || format!("pressed below {below:?}"))?;
    bot.actor.answer(&press_id, "so yes")?;
    expect(person.actor.pressed(press)?.text.as_str(), "so yes", "what the bot answered")
}

/// Has the bot send a keyboard, and tells how it and the person see it.
fn show_keys(person: &Part, bot: &mut Part) -> Told<(Message, Message)> {
    let key = |text: &str, data: &str| Button { text: text.to_owned(), data: data.to_owned() };
    let buttons = vec![vec![key("Yes", "y"), key("No", "n")], vec![key("Perhaps", "p")]];
    let line = Line { buttons: buttons.clone(), ..Line::plain("is it?") };
    let sent = bot.actor.send(&person.who(), &line)?;
    let shown = hear_text(person, "is it?")?;
    expect(&shown.buttons, &buttons, "the keyboard")?;
    Ok((sent, shown))
}
