//! Files: up on one side, down on the other, the same bytes.

use std::path::{Path, PathBuf};

use super::picture::{draw, fill, require_picture, require_same};
use super::story::{Side, Story};
use super::verdict::{expect, require};
use crate::interop::actor::{Event, Message, Told, Trouble};

/// Not a multiple of any part size, so that the last part is a short one.
const DOCUMENT_BYTES: usize = 1_000_003;
const BIG_DOCUMENT_BYTES: usize = 30_000_007;

/// A photo each way; what comes down is a picture, though not the same file.
pub(super) fn photo(story: &mut Story) -> Told<()> {
    for (side, caption) in [(Side::One, "a gradient"), (Side::Other, "a gradient in return")] {
        let sent = path(story, &format!("{caption}.png"));
        draw(&sent, 640, 480)?;
        let heard = send(story, side, &sent, "photo", caption)?;
        let copy = path(story, &format!("{caption}.copy"));
        let (sender, reader) = story.sides(side);
        reader.actor.download(&sender.who(), heard.id, &copy)?;
        require_picture(&copy)?;
    }
    Ok(())
}

/// A document each way.
pub(super) fn document(story: &mut Story) -> Told<()> {
    deliver(story, Side::One, DOCUMENT_BYTES, "a document")?;
    deliver(story, Side::Other, DOCUMENT_BYTES, "a document in return")
}

/// A large one, of which bots may send more than they may fetch.
pub(super) fn big_document(story: &mut Story) -> Told<()> {
    deliver(story, Side::Other, BIG_DOCUMENT_BYTES, "a large document")
}

fn deliver(story: &mut Story, side: Side, bytes: usize, caption: &str) -> Told<()> {
    let name = format!("{}.bin", caption.replace(' ', "-"));
    let sent = path(story, &name);
    fill(&sent, bytes, bytes as u64 + u64::from(side == Side::One))?;
    let heard = send(story, side, &sent, "document", caption)?;
    let media = heard.media.ok_or_else(|| Trouble::Wrong("no document".to_owned()))?;
    expect(media.name.as_deref(), Some(name.as_str()), "the document's name")?;
    require(media.size.is_none_or(|size| size == bytes as u64), || {
        format!("{:?} bytes, wanted {bytes}", media.size)
    })?;
    let copy = path(story, &format!("{name}.copy"));
    let (sender, reader) = story.sides(side);
    reader.actor.download(&sender.who(), heard.id, &copy)?;
    require_same(&sent, &copy)?;
    std::fs::remove_file(&sent)?;
    std::fs::remove_file(&copy)?;
    Ok(())
}

/// Sends a file and waits until it is heard of.
fn send(story: &mut Story, side: Side, file: &Path, kind: &str, caption: &str) -> Told<Message> {
    let (sender, reader) = story.sides(side);
    let sent = sender.actor.send_file(&reader.who(), file, kind, caption)?;
    let is_kind = |message: &Message| message.media.as_ref().is_some_and(|m| m.kind == kind);
    require(is_kind(&sent), || format!("what was sent is no {kind}: {sent:?}"))?;
    reader.actor.hear(caption, |event| match event {
        Event::Message { message } if message.text == caption && is_kind(message) => {
            Some(message.clone())
        }
        _ => None,
    })
}

fn path(story: &Story, name: &str) -> PathBuf {
    story.theatre.folder.join(name)
}
