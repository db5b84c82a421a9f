//! The parts of a story and what they can do together: one is a person, the other a second person
//! or, where the stranger is a Bot API client, a bot.

use std::time::Duration;

use super::theatre::{Part, Player, Theatre};
use super::verdict::{expect, require};
use crate::interop::actor::{Entity, Event, Line, Message, Told, Trouble, Who};
use crate::interop::stranger::Kind;

/// Everything that steps work with.
pub(super) struct Story {
    pub(super) theatre: Theatre,
    pub(super) stranger: Player,
    /// Alice. In the company of Bot API clients she is played by `people`.
    pub(super) one: Part,
    /// Bob, or the bot.
    pub(super) other: Part,
    /// A bot beside two people.
    pub(super) bot: Option<Part>,
    /// Another session of Bob's.
    pub(super) second: Option<Part>,
    /// What was said before and during the cut, as the other side numbers it.
    pub(super) cut: Option<Cut>,
    patience: Duration,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    One,
    Other,
}

/// A message as both sides have it.
pub(super) struct Said {
    pub(super) sent: Message,
    pub(super) heard: Message,
}

/// What the other side has to hear of after the cable is mended.
pub(super) struct Cut {
    pub(super) said: &'static str,
    pub(super) edited: &'static str,
    pub(super) deleted: i64,
}

impl Story {
    /// Has both sides come on.
    pub(super) fn begin(mut theatre: Theatre, stranger: Player, people: &Player) -> Told<Self> {
        let is_bot = stranger.stranger.client.kind == Kind::BotApi;
        let one = theatre.enter("alice", if is_bot { people } else { &stranger })?;
        let other = theatre.enter(if is_bot { "bot" } else { "bob" }, &stranger)?;
        one.actor.ready()?;
        other.actor.ready()?;
        let patience = Duration::from_secs(15);
        let (bot, second, cut) = (None, None, None);
        Ok(Self { theatre, stranger, one, other, bot, second, cut, patience })
    }

    /// Whether the other side is a bot.
    pub(super) fn is_with_bot(&self) -> bool {
        self.stranger.stranger.client.kind == Kind::BotApi
    }

    /// How long what has to be heard of may take from now on.
    pub(super) fn be_patient(&mut self, patience: Duration) {
        self.patience = patience;
        self.one.be_patient(patience);
        self.other.be_patient(patience);
        for part in [&mut self.bot, &mut self.second].into_iter().flatten() {
            part.be_patient(patience);
        }
    }

    /// How long that is now.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    /// Who speaks, and who listens.
    pub(super) fn sides(&mut self, side: Side) -> (&mut Part, &mut Part) {
        match side {
            Side::One => (&mut self.one, &mut self.other),
            Side::Other => (&mut self.other, &mut self.one),
        }
    }

    /// Has one side say something and waits until the other has heard it.
    pub(super) fn say(&mut self, side: Side, text: &str) -> Told<Said> {
        self.say_line(side, &Line::plain(text))
    }

    /// The same, with all that a line may have.
    pub(super) fn say_line(&mut self, side: Side, line: &Line) -> Told<Said> {
        let is_with_bot = self.is_with_bot();
        let (speaker, listener) = self.sides(side);
        let sent = speaker.actor.send(&listener.who(), line)?;
        expect(sent.text.as_str(), &line.text, "the text that was sent")?;
        let is_bots = is_with_bot && side == Side::Other;
        require(sent.out || is_bots, || "what was sent is not outgoing".to_owned())?;
        let heard = hear_text(listener, &line.text)?;
        require(!heard.out, || "what was heard is outgoing".to_owned())?;
        expect(heard.chat, Some(speaker.me.id), "the chat at the listener's")?;
        expect(heard.from, Some(speaker.me.id), "the author at the listener's")?;
        Ok(Said { sent, heard })
    }
}

/// The first message with a text, past or future.
pub(super) fn hear_text(listener: &Part, text: &str) -> Told<Message> {
    listener.actor.hear(&format!("{text:?}"), |event| {
        event.message().filter(|message| !message.out && message.text == text).cloned()
    })
}

/// The first edit to a text, past or future.
pub(super) fn hear_edit(listener: &Part, text: &str) -> Told<Message> {
    listener.actor.hear(&format!("the edit to {text:?}"), |event| match event {
        Event::Edit { message } if message.text == text => Some(message.clone()),
        _ => None,
    })
}

/// The first deletion of a message, past or future.
pub(super) fn hear_deletion(listener: &Part, id: i64) -> Told<()> {
    listener.actor.hear(&format!("the deletion of {id}"), |event| match event {
        Event::Delete { messages } if messages.contains(&id) => Some(()),
        _ => None,
    })
}

/// A format of the piece of a text that reads so, counted in UTF-16 units.
pub(super) fn entity(text: &str, piece: &str, kind: &str) -> Told<Entity> {
    let units = |text: &str| text.encode_utf16().count();
    let at = text.find(piece).ok_or_else(|| Trouble::Wrong(format!("no {piece:?} in {text:?}")))?;
    let (offset, length) = (units(&text[..at]), units(piece));
    Ok(Entity { offset, length, kind: kind.to_owned(), ..Entity::default() })
}

/// The newest messages of a chat that are texts we sent, newest first.
pub(super) fn texts(part: &mut Part, chat: &Who, limit: usize) -> Told<Vec<String>> {
    let history = part.actor.history(chat, limit)?;
    Ok(history.into_iter().map(|message| message.text).collect())
}
