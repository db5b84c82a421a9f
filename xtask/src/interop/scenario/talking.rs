//! Talking: words, formats, replies, changes, marks, history.

use super::story::{Side, Story, entity, hear_deletion, hear_edit, texts};
use super::verdict::{expect, require};
use crate::interop::actor::{Entity, Event, Line, Told};

const FORMATTED: &str = "🌍 bold italic under gone hush code link\nlet x = 1;\nquoted";

/// Text both ways.
pub(super) fn talk(story: &mut Story) -> Told<()> {
    story.say(Side::One, "hello there")?;
    story.say(Side::Other, "hello yourself — 你好, 🦊")?;
    Ok(())
}

/// Formats arrive as they were meant, in both directions.
pub(super) fn entities(story: &mut Story) -> Told<()> {
    for (side, text) in
        [(Side::One, FORMATTED.to_owned()), (Side::Other, format!("again, {FORMATTED}"))]
    {
        let entities = formats(&text)?;
        let line = Line { entities: entities.clone(), ..Line::plain(&text) };
        let said = story.say_line(side, &line)?;
        let mut heard = said.heard.entities;
        heard.sort();
        expect(heard, entities, "the entities")?;
    }
    Ok(())
}

/// Every format of [`FORMATTED`], in the order of entities.
fn formats(text: &str) -> Told<Vec<Entity>> {
    let mut all = Vec::new();
    for (piece, kind) in [
        ("bold", "bold"),
        ("italic", "italic"),
        ("under", "underline"),
        ("gone", "strikethrough"),
        ("hush", "spoiler"),
        ("code", "code"),
    ] {
        all.push(entity(text, piece, kind)?);
    }
    let link = entity(text, "link", "text_link")?;
    all.push(Entity { url: Some("https://example.org/".to_owned()), ..link });
    let program = entity(text, "let x = 1;", "pre")?;
    all.push(Entity { language: Some("rust".to_owned()), ..program });
    all.push(entity(text, "quoted", "blockquote")?);
    Ok(all)
}

/// Links, names, tags and commands are found in plain text.
pub(super) fn found_entities(story: &mut Story) -> Told<()> {
    let text = "see https://example.org/x #tag @bobby or /help";
    let mut heard = story.say(Side::One, text)?.heard.entities;
    heard.sort();
    let wanted = [
        entity(text, "https://example.org/x", "url")?,
        entity(text, "#tag", "hashtag")?,
        entity(text, "@bobby", "mention")?,
        entity(text, "/help", "bot_command")?,
    ];
    expect(heard, wanted.to_vec(), "the entities")
}

/// A reply points at its message, in the reader's numbers.
pub(super) fn reply(story: &mut Story) -> Told<()> {
    let question = story.say(Side::One, "what is the question?")?;
    let line = Line { reply_to: Some(question.heard.id), ..Line::plain("that was the question") };
    let answer = story.say_line(Side::Other, &line)?;
    expect(answer.heard.reply_to, Some(question.sent.id), "what it replies to")
}

/// An edit is seen by the other side, in both directions.
pub(super) fn edit(story: &mut Story) -> Told<()> {
    for (side, wrong, right) in
        [(Side::One, "one tpyo", "one typo"), (Side::Other, "another tpyo", "another typo")]
    {
        let said = story.say(side, wrong)?;
        let (writer, reader) = story.sides(side);
        let edited = writer.actor.edit(&reader.who(), said.sent.id, right)?;
        expect(edited.text.as_str(), right, "the text after the edit")?;
        let seen = hear_edit(reader, right)?;
        expect((seen.id, seen.edited), (said.heard.id, true), "the edited message")?;
    }
    Ok(())
}

/// A deletion is seen by the other side.
pub(super) fn delete(story: &mut Story) -> Told<()> {
    let said = story.say(Side::Other, "better left unsaid")?;
    let (writer, reader) = story.sides(Side::Other);
    writer.actor.delete(&reader.who(), &[said.sent.id])?;
    hear_deletion(reader, said.heard.id)?;
    let left = texts(reader, &writer.who(), 3)?;
    require(!left.contains(&said.sent.text), || format!("it is still there: {left:?}"))
}

/// The sender sees that it was read.
pub(super) fn read(story: &mut Story) -> Told<()> {
    let said = story.say(Side::One, "do you read me?")?;
    let (writer, reader) = story.sides(Side::One);
    reader.actor.read(&writer.who(), said.heard.id)?;
    writer.actor.hear("the mark of a reader", |event| match event {
        Event::Read { up_to } if *up_to >= said.sent.id => Some(()),
        _ => None,
    })
}

/// History comes newest first, and in full.
pub(super) fn history(story: &mut Story) -> Told<()> {
    let lines = ["first of three", "second of three", "third of three"];
    for line in lines {
        story.say(Side::One, line)?;
    }
    let newest_first: Vec<&str> = lines.iter().rev().copied().collect();
    for side in [Side::One, Side::Other] {
        let (reader, partner) = story.sides(side);
        let found = texts(reader, &partner.who(), lines.len())?;
        expect(found, newest_first.iter().map(ToString::to_string).collect(), "the history")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_counted_in_utf16_and_come_in_order() {
        let formats = formats(FORMATTED).unwrap();
        assert_eq!((formats[0].offset, formats[0].length), (3, 4));
        assert!(formats.is_sorted());
    }
}
