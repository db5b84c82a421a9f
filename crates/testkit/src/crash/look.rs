//! Looking at what is left after a start: at what is new, or at everything.

use std::collections::HashSet;

use heliogram_client::FileRef;
use heliogram_tl as tl;

use super::Hand;
use super::deeds::{before, id_of};
use super::hand::Said;
use super::oracle::{self, Side};
use super::plan::Report;
use crate::soon;
use crate::storm::rage::{Heard, Line};
use crate::storm::verdict::{compare, disorder};

/// How much is looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Scope {
    /// What was said since the last look.
    New,
    /// All that was ever said, the bytes of all files, what every session has heard.
    Whole,
}

/// Compares what the server says with what the hands remember.
pub(super) async fn look(hands: &mut [Hand], people: usize, scope: Scope, report: &mut Report) {
    let mut faults = Vec::new();
    for person in 0..people {
        let other = (person + 1) % people;
        let sides = [(person, 0), (other, 1)];
        let mut views = Vec::new();
        for (at, to) in sides {
            views.push(side(hands, at, to, scope).await);
        }
        if let [one, another] = views.as_slice() {
            oracle::agree(one, another, &mut faults);
            for view in [one, another] {
                view.recount(&mut faults);
                oracle::kept(view, between(hands, sides, scope), &mut faults);
            }
        }
        positions(hands, person, &mut faults).await;
    }
    files(hands, scope, &mut faults).await;
    logins(hands, scope, &mut faults).await;
    if scope == Scope::Whole {
        listeners(hands, people, &mut faults).await;
    }
    for hand in hands.iter_mut() {
        faults.append(&mut hand.faults);
        hand.looked = hand.said.len().saturating_sub(CHANGED_MAX);
    }
    faults.into_iter().for_each(|fault| report.fault(fault));
}

/// What two people have said to each other, as far as it is looked at.
fn between(
    hands: &[Hand],
    sides: [(usize, usize); 2],
    scope: Scope,
) -> impl Iterator<Item = (&Hand, &Said)> {
    hands.iter().flat_map(move |hand| {
        let to = sides.iter().find(|(person, _)| *person == hand.seat.person).map(|(_, to)| *to);
        let from = if scope == Scope::Whole { 0 } else { hand.looked };
        let said = hand.said.iter().skip(from).filter(move |said| Some(said.to) == to);
        said.map(move |said| (hand, said))
    })
}

/// One side's view of a chat, back to all that is new and all that is unread.
async fn side(hands: &[Hand], person: usize, to: usize, scope: Scope) -> Side {
    let hand = first(hands, person);
    let client = &hand.seat.client;
    let chat = hand.peer(to);
    let dialog = soon("a dialog", hand.dialog(to)).await;
    let read = dialog.as_ref().map_or(0, |dialog| dialog.read_inbox_max_id);
    let new: usize = hands.iter().map(|hand| hand.said.len() - hand.looked).sum();
    let (mut messages, mut is_whole) = (Vec::new(), false);
    while !is_whole {
        let page = soon("a page", client.history(chat, before(&messages), 100)).await;
        let page = page.expect("the chat can be read").messages;
        is_whole = page.is_empty();
        messages.extend(page);
        let is_enough = messages.len() > new && messages.last().map_or(0, id_of) <= read;
        if scope == Scope::New && is_enough {
            break;
        }
    }
    Side { person, messages, is_whole, dialog }
}

/// Positions and read marks never go back.
async fn positions(hands: &mut [Hand], person: usize, faults: &mut Vec<String>) {
    let client = first(hands, person).seat.client.clone();
    let state = soon("a state", client.invoke(&tl::updates::GetState {})).await;
    let tl::updates::State::State(state) = state.expect("the state can be read");
    let own = |hand: &&Hand| hand.seat.person == person;
    let seen = hands.iter().filter(own).map(|hand| hand.pts).max().unwrap_or_default();
    if state.pts < seen {
        faults.push(format!("{person} is at pts {}, and was at {seen}", state.pts));
    }
    for to in [0, 1] {
        let read = hands.iter().filter(own).map(|hand| hand.read[to]).max().unwrap_or_default();
        let hand = first(hands, person);
        let marked = soon("a dialog", hand.dialog(to)).await;
        let marked = marked.map_or(0, |dialog| dialog.read_inbox_max_id);
        if marked < read {
            faults.push(format!("{person} had read up to {read}, and now up to {marked}"));
        }
    }
    hands
        .iter_mut()
        .filter(|hand| hand.seat.person == person)
        .for_each(|hand| hand.saw_pts(state.pts));
}

/// The first session of a person.
fn first(hands: &[Hand], person: usize) -> &Hand {
    hands.iter().find(|hand| hand.seat.person == person).expect("everybody has a session")
}

/// Every file that is looked at has the bytes that went up.
async fn files(hands: &[Hand], scope: Scope, faults: &mut Vec<String>) {
    for hand in hands {
        let from = if scope == Scope::Whole { 0 } else { hand.looked };
        for said in hand.said.iter().skip(from).filter(|said| !said.is_deleted) {
            let Some(upload) = said.file else { continue };
            let place = format!("file of {:?}", (hand.seat.number, said.number));
            match download(hand, said.id).await {
                Some(bytes) if bytes == upload.bytes() => {}
                Some(bytes) => faults.push(format!("{place}: {} other bytes", bytes.len())),
                None => faults.push(format!("{place}: there is none")),
            }
        }
    }
}

async fn download(hand: &Hand, id: i32) -> Option<Vec<u8>> {
    let client = &hand.seat.client;
    let request = tl::messages::GetMessages { id: vec![tl::types::InputMessageId { id }.into()] };
    let found = soon("a message", client.invoke(&request)).await.ok()?;
    let messages = match found {
        tl::messages::Messages::Messages(found) => found.messages,
        tl::messages::Messages::MessagesSlice(found) => found.messages,
        _ => return None,
    };
    let Some(tl::Message::Message(message)) = messages.into_iter().next() else { return None };
    let file = FileRef::of_media(message.media.as_ref()?)?;
    let mut bytes = Vec::new();
    soon("a file", client.download_file(&file).write_to(&mut bytes)).await.ok()?;
    Some(bytes)
}

/// Whoever was logged in still is.
async fn logins(hands: &[Hand], scope: Scope, faults: &mut Vec<String>) {
    for hand in hands {
        let kept = if scope == Scope::Whole { usize::MAX } else { 1 };
        for client in hand.logins.iter().rev().take(kept) {
            let is_in = soon("an answer", client.is_authorized()).await;
            if !is_in.is_ok_and(|is_in| is_in) {
                faults.push(format!("a login of {} is lost", hand.seat.person));
            }
        }
    }
}

/// Every session hears all that concerns its person, once and in order.
async fn listeners(hands: &[Hand], people: usize, faults: &mut Vec<String>) {
    for hand in hands {
        let due = due(hands, hand, people);
        let mut lines = heard(hand);
        let hearing = async {
            while !due.is_subset(&lines.iter().copied().collect()) {
                tokio::time::sleep(LOOK_EVERY).await;
                lines = heard(hand);
            }
        };
        // What is missing then is told below.
        let _ = tokio::time::timeout(HEARD_MAX, hearing).await;
        let place = format!("session {}", hand.seat.number);
        let (missing, doubled) = compare(&due, &heard(hand));
        faults.extend(missing.iter().map(|line| format!("{place} has not heard {line:?}")));
        faults.extend(doubled.iter().map(|(line, _)| format!("{place} heard {line:?} again")));
        for (line, id, before) in disorder(&elsewhere(hand)) {
            faults.push(format!("{place}: {line:?} is {id}, after {before}"));
        }
        faults.extend(hand.seat.record.faults().iter().map(|why| format!("{place}: {why}")));
    }
}

fn heard(hand: &Hand) -> Vec<Line> {
    elsewhere(hand).iter().map(|heard| heard.line).collect()
}

/// What a session has heard that was said elsewhere: what it repeats itself, it is told again.
fn elsewhere(hand: &Hand) -> Vec<Heard> {
    let mut heard = hand.seat.record.heard();
    heard.retain(|heard| heard.line.0 != hand.seat.number);
    heard
}

/// What a session has to hear: all that is said to and by its person elsewhere, and still there.
fn due(hands: &[Hand], listener: &Hand, people: usize) -> HashSet<Line> {
    let mut due = HashSet::new();
    for hand in hands.iter().filter(|hand| hand.seat.number != listener.seat.number) {
        for said in hand.said.iter().filter(|said| !said.is_deleted) {
            let to = hand.seat.neighbours[said.to].0 % people;
            if [to, hand.seat.person].contains(&listener.seat.person) {
                due.insert((hand.seat.number, said.number));
            }
        }
    }
    due
}

/// How many of the newest messages may still change after they were looked at.
const CHANGED_MAX: usize = 8;
/// How often to look whether everything is heard, and for how long.
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_millis(50);
const HEARD_MAX: std::time::Duration = std::time::Duration::from_secs(60);
