//! Getting in: codes, tokens, and finding each other.

use super::story::{Side, Story};
use super::theatre::Part;
use super::verdict::{expect, refused};
use crate::interop::actor::{Told, User};
use crate::interop::cast::{ALICE, BOB, BOT, Person};

/// A wrong code is refused; that the right one still works is the next step.
pub(super) fn wrong_code(story: &mut Story) -> Told<()> {
    let told = story.one.actor.log_in(ALICE.phone, "00000", None);
    refused(told, "PHONE_CODE_INVALID", "a wrong code")
}

/// Two people log in by code.
pub(super) fn log_in(story: &mut Story) -> Told<()> {
    for (part, person) in [(&mut story.one, ALICE), (&mut story.other, BOB)] {
        log_in_as(part, person)?;
    }
    Ok(())
}

pub(super) fn log_in_as(part: &mut Part, person: Person) -> Told<()> {
    let me = part.actor.log_in(person.phone, &person.code(), None)?;
    expect(me.first_name.as_str(), person.first_name, "who logged in")?;
    if let Some(phone) = &me.phone {
        // With a plus or without, as the library has it.
        expect(phone.trim_start_matches('+'), person.phone.trim_start_matches('+'), "the number")?;
    }
    part.me = named(me, person.username)?;
    Ok(())
}

/// Two people find each other by name.
pub(super) fn resolve(story: &mut Story) -> Told<()> {
    let found = story.one.actor.resolve(BOB.username)?;
    expect(found.id, story.other.me.id, "whom Alice found")?;
    let found = story.other.actor.resolve(ALICE.username)?;
    expect((found.id, found.first_name.as_str()), (story.one.me.id, "Alice"), "whom Bob found")
}

/// A bot logs in with its token, between two people.
pub(super) fn bot_log_in(story: &mut Story) -> Told<()> {
    let token = story.theatre.token.clone();
    let mut bot = story.theatre.enter("bot", &story.stranger)?;
    bot.be_patient(story.patience());
    bot.actor.ready()?;
    let me = bot.actor.log_in_bot(&token)?;
    bot.me = named(me, BOT[1])?;
    story.bot = Some(bot);
    Ok(())
}

/// A bot comes in by its token and meets a person, who has to speak first.
pub(super) fn bot_meets_person(story: &mut Story) -> Told<()> {
    log_in_as(&mut story.one, ALICE)?;
    let token = story.theatre.token.clone();
    let me = story.other.actor.log_in_bot(&token)?;
    story.other.me = named(me, BOT[1])?;
    let found = story.one.actor.resolve(BOT[1])?;
    expect(found.id, story.other.me.id, "whom Alice found")?;
    story.say(Side::One, "/start").map(drop)
}

/// A user who has to have a certain username.
fn named(user: User, username: &str) -> Told<User> {
    expect(user.username.as_deref(), Some(username), "whose name")?;
    Ok(user)
}
