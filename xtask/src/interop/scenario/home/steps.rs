//! What happens in the house. Steps of the story's names are excused by the same lines of a manifest.

use super::house::{Guest, House};
use crate::interop::actor::{Event, Line, Message, Told, Trouble};
use crate::interop::cast::{ALICE, BOB};
use crate::interop::scenario::getting_in::log_in_as;
use crate::interop::scenario::picture;
use crate::interop::scenario::story::{entity, hear_deletion, hear_edit, hear_text, texts};
use crate::interop::scenario::verdict::{expect, require};

/// Something that all of them have to see.
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) play: fn(&mut House) -> Told<()>,
    /// Without it the steps behind it make no sense.
    pub(super) is_needed: bool,
}

pub(super) const STEPS: &[Step] = &[
    Step { name: "all-log-in", play: all_log_in, is_needed: true },
    Step { name: "all-hear", play: all_hear, is_needed: true },
    Step { name: "entities", play: entities, is_needed: false },
    Step { name: "files", play: files, is_needed: false },
    Step { name: "edit", play: edit, is_needed: false },
    Step { name: "delete", play: delete, is_needed: false },
    Step { name: "typing", play: typing, is_needed: false },
    Step { name: "rename", play: rename, is_needed: false },
    Step { name: "hear-own", play: hear_own, is_needed: false },
    Step { name: "in-order", play: in_order, is_needed: false },
    Step { name: "history", play: history, is_needed: false },
    Step { name: "one-ends-another", play: one_ends_another, is_needed: false },
    Step { name: "others-go-on", play: others_go_on, is_needed: false },
];

/// Lines in a row.
const LINES: usize = 12;

/// Whether a manifest may speak of a step.
pub(in crate::interop::scenario) fn knows(name: &str) -> bool {
    STEPS.iter().any(|step| step.name == name)
}

fn all_log_in(house: &mut House) -> Told<()> {
    house.bob.actor.ready()?;
    log_in_as(&mut house.bob, BOB)?;
    house.each("all-log-in", |guest, _| {
        guest.part.actor.ready()?;
        log_in_as(&mut guest.part, ALICE)?;
        let found = guest.part.actor.resolve(BOB.username)?;
        expect(found.first_name.as_str(), BOB.first_name, "whom they found")
    })?;
    let found = house.bob.actor.resolve(ALICE.username)?;
    expect(found.id, house.alice().id, "whom Bob found")
}

fn all_hear(house: &mut House) -> Told<()> {
    for number in 1..=LINES {
        house.write(&Line::plain(&format!("to the whole house, {number}")))?;
    }
    hear_last(house, "all-hear")
}

fn entities(house: &mut House) -> Told<()> {
    let text = "bold link hush";
    let mut entities = vec![entity(text, "bold", "bold")?, entity(text, "link", "text_link")?];
    entities[1].url = Some("https://example.org/".to_owned());
    entities.push(entity(text, "hush", "spoiler")?);
    house.write(&Line { entities: entities.clone(), ..Line::plain(text) })?;
    house.each("entities", |guest, _| {
        let mut heard = hear_text(&guest.part, text)?.entities;
        heard.sort();
        expect(&heard, &entities, "the entities")
    })
}

fn files(house: &mut House) -> Told<()> {
    let [photo, document] = ["a.png", "a.bin"].map(|name| house.theatre.folder.join(name));
    picture::draw(&photo, 320, 200)?;
    picture::fill(&document, 100_003, 7)?;
    for (path, kind, caption) in
        [(&photo, "photo", "for the wall"), (&document, "document", "for the desk")]
    {
        house.bob.actor.send_file(&house.alice(), path, kind, caption)?;
        house.written.push(caption.to_owned());
        house.each("files", |guest, bob| {
            let heard = hear_text(&guest.part, caption)?;
            let is_kind = heard.media.as_ref().is_some_and(|media| media.kind == kind);
            require(is_kind, || format!("no {kind}: {heard:?}"))?;
            if kind == "photo" {
                return Ok(());
            }
            let copy = document.with_extension(guest.part.actor.part());
            guest.part.actor.download(&bob.who(), heard.id, &copy)?;
            picture::require_same(&document, &copy)
        })?;
    }
    Ok(())
}

fn edit(house: &mut House) -> Told<()> {
    let sent = house.write(&Line::plain("a tpyo for all"))?;
    house.bob.actor.edit(&house.alice(), sent.id, "a typo for all")?;
    // In the history and in its place.
    house.written.pop();
    house.written.push("a typo for all".to_owned());
    house.each("edit", |guest, _| hear_edit(&guest.part, "a typo for all").map(drop))
}

fn delete(house: &mut House) -> Told<()> {
    let sent = house.write(&Line::plain("not for all"))?;
    let heard = house.guests.first().map(|guest| hear_text(&guest.part, "not for all"));
    // One box, one number, in every session of the account.
    let Some(Message { id, .. }) = heard.transpose()? else {
        return Err(Trouble::Wrong("nobody is at home".to_owned()));
    };
    house.each("delete", |guest, _| hear_text(&guest.part, "not for all").map(drop))?;
    house.bob.actor.delete(&house.alice(), &[sent.id])?;
    house.written.pop();
    house.each("delete", |guest, _| hear_deletion(&guest.part, id))
}

fn typing(house: &mut House) -> Told<()> {
    house.bob.actor.typing(&house.alice())?;
    house.each("typing", |guest, bob| {
        guest.part.actor.hear("somebody typing", |event| match event {
            Event::Typing { from } if *from == bob.me.id => Some(()),
            _ => None,
        })
    })
}

fn rename(house: &mut House) -> Told<()> {
    house.bob.actor.rename("Robert")?;
    house.each("rename", |guest, bob| {
        guest.part.actor.hear("the new name", |event| match event {
            Event::Name { user, first_name } if *user == bob.me.id && first_name == "Robert" => {
                Some(())
            }
            _ => None,
        })
    })
}

/// What one session sends, the others show, as outgoing.
fn hear_own(house: &mut House) -> Told<()> {
    let bob = house.bob.who();
    let Some(first) = house.guests.first_mut() else { return Ok(()) };
    let speaker = first.part.actor.part().to_owned();
    first.part.actor.send(&bob, &Line::plain("from one of me"))?;
    hear_text(&house.bob, "from one of me")?;
    house.each("hear-own", |guest, _| {
        if guest.part.actor.part() == speaker {
            return Ok(());
        }
        guest.part.actor.hear("what another session sent", |event| {
            event.message().filter(|each| each.out && each.text == "from one of me").map(drop)
        })
    })
}

/// Nobody heard anything twice, or out of its order.
fn in_order(house: &mut House) -> Told<()> {
    house.write(&Line::plain("the last of many"))?;
    hear_last(house, "in-order")?;
    // Whether an edit or a deletion was heard of is its own step; here it would be in the way.
    let changed = |text: &String| text.contains("for all");
    let wanted: Vec<String> = house.written.iter().filter(|text| !changed(text)).cloned().collect();
    house.each("in-order", |guest, bob| {
        let mut heard = guest.heard_from(bob.me.id);
        heard.retain(|text| !changed(text));
        expect(&heard, &wanted, "what was heard")
    })
}

fn history(house: &mut House) -> Told<()> {
    let mut wanted: Vec<String> = house.written.iter().rev().cloned().collect();
    // What Alice said herself stands before the last line.
    wanted.insert(1, "from one of me".to_owned());
    house.each("history", |guest, bob| {
        let found = texts(&mut guest.part, &bob.who(), wanted.len())?;
        expect(&found, &wanted, "the history")
    })
}

/// A session lists the others and ends one of them, which is told so.
fn one_ends_another(house: &mut House) -> Told<()> {
    let keeper = end_some_session(house)?;
    // The list does not say which program a session is, so all of them are asked.
    let bob = house.bob.who();
    let is_out = |guest: &mut Guest| guest.part.actor.history(&bob, 1).is_err();
    let out: Vec<bool> = house.guests.iter_mut().map(is_out).collect();
    let ended: Vec<usize> = (0..out.len()).filter(|index| out[*index]).collect();
    require(ended.len() == 1 && ended[0] != keeper, || format!("{} sessions ended", ended.len()))?;
    let gone = house.guests.remove(ended[0]);
    // Whoever is thrown out may say so.
    house.theatre.forgive(gone.part.actor.part());
    Ok(())
}

/// Has somebody who can end the first session that is not theirs; tells who it was.
fn end_some_session(house: &mut House) -> Told<usize> {
    let count = house.guests.len();
    let can = |guest: &Guest| {
        guest.player.stranger.excuse("end-session", guest.player.transport).is_none()
    };
    let nobody = || Trouble::Wrong("nobody here can end a session".to_owned());
    let keeper = house.guests.iter().position(can).ok_or_else(nobody)?;
    let actor = &mut house.guests[keeper].part.actor;
    let listed = actor.sessions()?;
    expect(listed.len(), count, "sessions")?;
    expect(listed.iter().filter(|login| login.current).count(), 1, "current sessions")?;
    if let Some(other) = listed.iter().find(|login| !login.current) {
        actor.end_session(&other.hash)?;
    }
    expect(actor.sessions()?.len(), count - 1, "sessions that are left")?;
    Ok(keeper)
}

fn others_go_on(house: &mut House) -> Told<()> {
    house.write(&Line::plain("who is still there?"))?;
    hear_last(house, "others-go-on")
}

/// Everybody hears the last thing that Bob wrote.
fn hear_last(house: &mut House, step: &str) -> Told<()> {
    let last = house.written.last().cloned().unwrap_or_default();
    house.each(step, |guest, _| hear_text(&guest.part, &last).map(drop))
}
