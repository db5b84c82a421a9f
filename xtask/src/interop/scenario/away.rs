//! Being away: a closed program, a cut cable, and what was said meanwhile.

use std::time::{Duration, Instant};

use super::story::{Cut, Side, Story, hear_deletion, hear_edit, hear_text, texts};
use super::verdict::{expect, require};
use crate::interop::actor::{Line, Message, Told, Trouble};

/// How long a client may take to notice that its cable is mended.
const BACK_WITHIN: Duration = Duration::from_secs(60);
/// How long the cable is cut: long enough for a client to notice and to fail at least once.
const CUT_FOR: Duration = Duration::from_millis(1500);

/// The other side closes its program and opens it again; no code is asked for.
pub(super) fn resume(story: &mut Story) -> Told<()> {
    story.other.actor.leave()?;
    let line = Line::plain("said behind your back");
    let (one, other) = story.sides(Side::One);
    one.actor.send(&other.who(), &line)?;
    story.theatre.reenter(&mut story.other)?;
    story.other.be_patient(story.patience());
    let me = if story.is_with_bot() {
        let token = story.theatre.token.clone();
        story.other.actor.log_in_bot(&token)?
    } else {
        story.other.actor.resume()?
    };
    expect(me.id, story.other.me.id, "who came back")?;
    story.say(Side::Other, "I am back")?;
    story.say(Side::One, "so you are")?;
    Ok(())
}

/// What a closed program missed arrives when it is opened.
pub(super) fn missed_while_closed(story: &mut Story) -> Told<()> {
    catch_up(story)?;
    hear_text(&story.other, "said behind your back").map(drop)
}

/// A cut cable is mended: the other side comes back by itself, and sees what was done meanwhile.
pub(super) fn cut(story: &mut Story) -> Told<()> {
    let to_edit = story.say(Side::One, "tpyo before the cut")?;
    let to_delete = story.say(Side::One, "doomed before the cut")?;
    let cut = Cut {
        said: "said into the dark",
        edited: "typo before the cut",
        deleted: to_delete.heard.id,
    };
    let before = story.other.cable.links_opened();
    story.other.cable.cut();
    let to = story.other.who();
    let meanwhile = story
        .one
        .actor
        .send(&to, &Line::plain(cut.said))
        .and_then(|_| story.one.actor.edit(&to, to_edit.sent.id, cut.edited))
        .and_then(|_: Message| story.one.actor.delete(&to, &[to_delete.sent.id]));
    std::thread::sleep(CUT_FOR);
    story.other.cable.mend()?;
    meanwhile?;
    if story.is_with_bot() {
        eventually("the bot speaks again", || {
            story.other.actor.send(&story.one.who(), &Line::plain("I am back from the dark"))
        })?;
        hear_text(&story.one, "I am back from the dark")?;
    } else {
        look_back(story, &cut)?;
    }
    let links = story.other.cable.links_opened();
    require(links > before, || "it came back without its cable".to_owned())?;
    story.cut = Some(cut);
    let patience = story.patience();
    story.be_patient(BACK_WITHIN);
    let said = story.say(Side::One, "light again");
    story.be_patient(patience);
    said.map(drop)
}

/// What the other side finds in the history.
fn look_back(story: &mut Story, cut: &Cut) -> Told<()> {
    let partner = story.one.who();
    let found = eventually("history after the cut", || texts(&mut story.other, &partner, 5))?;
    let has = |text: &str| found.iter().any(|each| each == text);
    require(has(cut.said), || format!("no {:?} in {found:?}", cut.said))?;
    require(has(cut.edited), || format!("no {:?} in {found:?}", cut.edited))?;
    require(!has("doomed before the cut"), || format!("a deleted message in {found:?}"))
}

/// A message that was sent during the cut arrives.
pub(super) fn missed_message(story: &mut Story) -> Told<()> {
    catch_up(story)?;
    let text = during(story)?.said;
    hear_text(&story.other, text).map(drop)
}

/// An edit that was made during the cut arrives.
pub(super) fn missed_edit(story: &mut Story) -> Told<()> {
    let text = during(story)?.edited;
    hear_edit(&story.other, text).map(drop)
}

/// A deletion that was made during the cut arrives.
pub(super) fn missed_delete(story: &mut Story) -> Told<()> {
    let id = during(story)?.deleted;
    hear_deletion(&story.other, id)
}

/// What happened during the cut.
fn during(story: &Story) -> Told<&Cut> {
    story.cut.as_ref().ok_or_else(|| Trouble::Wrong("the cable was never cut".to_owned()))
}

/// Asks for what was missed, where the library has a call for that.
fn catch_up(story: &mut Story) -> Told<()> {
    match story.other.actor.catch_up() {
        Err(Trouble::Cannot(_)) => Ok(()),
        told => told,
    }
}

/// Tries again and again until it works.
fn eventually<T>(what: &str, mut attempt: impl FnMut() -> Told<T>) -> Told<T> {
    let deadline = Instant::now() + BACK_WITHIN;
    loop {
        match attempt() {
            Ok(done) => return Ok(done),
            Err(trouble) if Instant::now() > deadline => {
                return Err(Trouble::Wrong(format!("{what}: {trouble}")));
            }
            Err(_) => std::thread::sleep(Duration::from_millis(300)),
        }
    }
}
