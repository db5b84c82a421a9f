//! A second factor, and the session it lets in.

use super::story::Story;
use super::theatre::Part;
use super::verdict::{expect, refused, require};
use crate::interop::actor::{Told, Trouble};
use crate::interop::cast::BOB;

const PASSWORD: &str = "correct horse пароль 🐎";

/// Bob's other session.
const SECOND: &str = "bob-again";

/// Bob sets a password; from then on a code alone is not enough.
pub(super) fn set_password(story: &mut Story) -> Told<()> {
    story.other.actor.set_password(Some(PASSWORD), None)?;
    let mut second = story.theatre.enter(SECOND, &story.stranger)?;
    second.be_patient(story.patience());
    second.actor.ready()?;
    let told = second.actor.log_in(BOB.phone, &BOB.code(), None);
    story.second = Some(second);
    refused(told, "SESSION_PASSWORD_NEEDED", "a code without the password")
}

/// A wrong password is refused.
pub(super) fn wrong_password(story: &mut Story) -> Told<()> {
    let told = second(story)?.actor.log_in(BOB.phone, &BOB.code(), Some("wrong horse"));
    refused(told, "PASSWORD_HASH_INVALID", "a wrong password")
}

/// The right one lets Bob in, and removes itself.
pub(super) fn password_log_in(story: &mut Story) -> Told<()> {
    let second = second(story)?;
    let me = second.actor.log_in(BOB.phone, &BOB.code(), Some(PASSWORD))?;
    expect(me.first_name.as_str(), BOB.first_name, "who logged in")?;
    second.me = me;
    second.actor.set_password(None, Some(PASSWORD))
}

/// One session of Bob's lists the others and ends one; the first goes on.
pub(super) fn end_session(story: &mut Story) -> Told<()> {
    let listed = story.other.actor.sessions()?;
    let current = listed.iter().filter(|login| login.current).count();
    expect((listed.len(), current), (2, 1), "sessions, and the current one")?;
    for login in listed.iter().filter(|login| !login.current) {
        story.other.actor.end_session(&login.hash)?;
    }
    let listed = story.other.actor.sessions()?;
    expect(listed.len(), 1, "sessions that are left")?;
    let partner = story.one.who();
    story.other.actor.history(&partner, 1)?;
    let told = second(story)?.actor.history(&partner, 1);
    require(told.is_err(), || format!("the session that was ended reads on: {told:?}"))?;
    story.second = None;
    // Whoever is thrown out may say so.
    story.theatre.forgive(SECOND);
    Ok(())
}

fn second(story: &mut Story) -> Told<&mut Part> {
    let missing = || Trouble::Wrong("there is no second session".to_owned());
    story.second.as_mut().ok_or_else(missing)
}
