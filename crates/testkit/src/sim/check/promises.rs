//! What people and the bot were told is true: each message is there once, on both sides.

use std::collections::{BTreeMap, BTreeSet};

use heliogram_client::FileRef;
use heliogram_tl as tl;

use super::truth::Truth;
use crate::sim::people::{chat_of, is_forwarded, text_of};
use crate::sim::play::{Chronicle, Fate, Said, Stage, bot_mark_of, mark_of};

/// The messages with a mark, by the chat that they are in.
type Marked<'a> = BTreeMap<(i64, &'a str), Vec<(i32, &'a tl::Message)>>;

pub(super) async fn check(stage: &Stage, truths: &[Truth], faults: &mut Vec<String>) {
    let marked: Vec<Marked<'_>> = truths.iter().map(|truth| index(truth)).collect();
    let mut files = Vec::new();
    {
        let chronicle = stage.chronicle.lock();
        for (mark, said) in &chronicle.said {
            sides(stage, mark, said, &marked, faults);
            if let (Some(file), Some(message)) = (&said.file, first(stage, mark, said, &marked)) {
                files.push((said.person, message.clone(), file.clone()));
            }
        }
        told_to_bot(stage, &chronicle, faults);
        told_by_bot(stage, &chronicle, &marked, faults);
        names(&chronicle, truths, faults);
    }
    for (person, message, file) in files.into_iter().take(FILES_MAX) {
        if let Err(fault) = download(stage, person, &message, &file).await {
            faults.push(fault);
        }
    }
}

fn index(truth: &Truth) -> Marked<'_> {
    let mut marked = Marked::new();
    for (id, message) in &truth.messages {
        let text = text_of(message).unwrap_or_default();
        let mark = mark_of(text).or_else(|| bot_mark_of(text));
        if let (Some(mark), Some(chat), false) = (mark, chat_of(message), is_forwarded(message)) {
            marked.entry((chat, mark)).or_default().push((*id, message));
        }
    }
    marked
}

/// A message in the box of its sender, and in that of its recipient.
fn sides(stage: &Stage, mark: &str, said: &Said, marked: &[Marked<'_>], faults: &mut Vec<String>) {
    let own = marked[said.person].get(&(said.chat, mark)).map_or(&[][..], Vec::as_slice);
    let sender = stage.people[said.person].id;
    let other = stage.people.iter().position(|person| person.id == said.chat);
    let other = other.filter(|_| said.chat != sender);
    let theirs =
        other.map(|other| marked[other].get(&(sender, mark)).map_or(&[][..], Vec::as_slice));
    let sides = [Some(own), theirs];
    for (side, found) in sides.into_iter().enumerate() {
        let Some(found) = found else { continue };
        let (least, most) = match said.fate {
            _ if said.deleted[side] => (0, 0),
            Fate::Sent(_) if said.touched[side] == 0 => (1, 1),
            Fate::Refused => (0, 0),
            _ => (0, 1),
        };
        if !(least..=most).contains(&found.len()) {
            let (count, fate) = (found.len(), said.fate);
            faults.push(format!("{mark} ({fate:?}) is there {count} times on side {side}"));
        }
    }
    if let (Fate::Sent(id), [(found, _)]) = (said.fate, own)
        && id != *found
    {
        faults.push(format!("{mark} is {found}, and was acknowledged as {id}"));
    }
    if let Some(theirs) = theirs
        && said.touched == [0; 2]
        && theirs.len() != own.len()
    {
        faults.push(format!("{mark}: {} with its sender, {} there", own.len(), theirs.len()));
    }
}

fn first<'a>(
    stage: &Stage,
    mark: &str,
    said: &Said,
    marked: &[Marked<'a>],
) -> Option<&'a tl::Message> {
    debug_assert!(said.person < stage.people.len());
    marked[said.person].get(&(said.chat, mark))?.first().map(|(_, message)| *message)
}

/// Whatever was sent to the bot and not taken back has reached it.
fn told_to_bot(stage: &Stage, chronicle: &Chronicle, faults: &mut Vec<String>) {
    let record = stage.bot_record.lock();
    let heard: BTreeSet<&str> = record.texts.values().filter_map(|text| mark_of(text)).collect();
    for (mark, said) in &chronicle.said {
        let is_due = said.chat == stage.bot.id
            && matches!(said.fate, Fate::Sent(_))
            && said.touched[1] == 0
            && said.file.is_none();
        if is_due && !heard.contains(mark.as_str()) {
            faults.push(format!("{mark} never reached the bot"));
        }
    }
}

/// Whatever the bot was told that it has said is there, once.
fn told_by_bot(
    stage: &Stage,
    chronicle: &Chronicle,
    marked: &[Marked<'_>],
    faults: &mut Vec<String>,
) {
    for (chat, text) in &stage.bot_record.lock().said {
        let Some(person) = stage.people.iter().position(|person| person.id == *chat) else {
            faults.push(format!("the bot has written to {chat}, who is nobody"));
            continue;
        };
        let Some(mark) = bot_mark_of(text) else { continue };
        let count = marked[person].get(&(stage.bot.id, mark)).map_or(0, Vec::len);
        let may_be_gone =
            chronicle.bot_touched.contains(mark) || chronicle.bot_cleared.contains(chat);
        if count > 1 || (count == 0 && !may_be_gone) {
            faults.push(format!("{mark} is there {count} times"));
        }
    }
}

/// A person has one of the names that were asked for; the only one, if it was acknowledged.
fn names(chronicle: &Chronicle, truths: &[Truth], faults: &mut Vec<String>) {
    for (person, names) in &chronicle.names {
        let name = &truths[*person].name;
        let is_asked = names.iter().any(|(asked, _)| asked == name);
        let is_known = names.iter().any(|(_, known)| *known);
        if is_known && !is_asked {
            faults.push(format!("{person} is called {name}, and asked for {names:?}"));
        }
    }
}

/// A file comes back as it was sent.
async fn download(
    stage: &Stage,
    person: usize,
    message: &tl::Message,
    expected: &[u8],
) -> Result<(), String> {
    let tl::Message::Message(message) = message else { return Ok(()) };
    let client = {
        let seats = stage.seats.lock();
        let seat = seats.iter().flatten().rfind(|seat| seat.person == person);
        seat.map(|seat| seat.client.clone())
    };
    let (Some(client), Some(media)) = (client, &message.media) else { return Ok(()) };
    // The reference in what was compared is blank; the message is asked for again.
    let id = vec![tl::types::InputMessageId { id: message.id }.into()];
    let again = client.invoke(&tl::messages::GetMessages { id }).await;
    let again = again.map_err(|error| format!("message {}: {error}", message.id))?;
    let media = match &again {
        tl::messages::Messages::Messages(page) => match page.messages.first() {
            Some(tl::Message::Message(message)) => message.media.as_ref().unwrap_or(media),
            _ => media,
        },
        _ => media,
    };
    let file =
        FileRef::of_media(media).ok_or_else(|| format!("message {} has no file", message.id))?;
    let mut download = client.download_file(&file);
    let mut bytes = Vec::new();
    while let Some(chunk) = download.chunk().await.map_err(|error| error.to_string())? {
        bytes.extend_from_slice(&chunk);
    }
    let is_same = bytes == expected;
    if is_same { Ok(()) } else { Err(format!("the file of message {} has changed", message.id)) }
}

/// Files that are fetched of each world.
const FILES_MAX: usize = 3;
