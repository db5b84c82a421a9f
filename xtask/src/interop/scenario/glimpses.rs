//! Glimpses: what each side sees of the other without a message.

use super::story::Story;
use super::verdict::expect;
use crate::interop::actor::{Event, Told};

/// One side sees the other typing.
pub(super) fn typing(story: &mut Story) -> Told<()> {
    story.other.actor.typing(&story.one.who())?;
    let typist = story.other.me.id;
    story.one.actor.hear("somebody typing", |event| match event {
        Event::Typing { from } if *from == typist => Some(()),
        _ => None,
    })
}

/// One side sees that the other changed their name.
pub(super) fn rename(story: &mut Story) -> Told<()> {
    for name in ["Robert", "Bob"] {
        story.other.actor.rename(name)?;
        let renamed = story.other.me.id;
        let seen = story.one.actor.hear(&format!("the name {name}"), |event| match event {
            Event::Name { user, first_name } if first_name == name => Some(*user),
            _ => None,
        })?;
        expect(seen, renamed, "whose name")?;
    }
    Ok(())
}
