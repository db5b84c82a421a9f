//! `heliogram read`: the last messages of a chat, oldest first.

use heliogram_client::updates::Entities;
use heliogram_client::{Client, FileRef};
use heliogram_ids::{MessageId, Peer};
use heliogram_tl as tl;
use serde_json::{Value, json};

use super::print::{date, full_name, printable};
use super::via::{Outcome, connect, explain, run};
use crate::cli::Read;

/// Prints messages: a line each, or a JSON object each.
pub(crate) fn read(command: Read) -> Outcome<()> {
    run(async {
        let client = connect(&command.via).await?;
        let outcome = print(&client, &command).await;
        client.shutdown().await?;
        outcome
    })
}

/// A message, whatever kind it is, with what is printed of it.
struct Line {
    id: i32,
    date: i32,
    out: bool,
    from: Option<i64>,
    name: String,
    reply_to: Option<i32>,
    text: String,
    file: Option<FileRef>,
    kind: Option<&'static str>,
}

async fn print(client: &Client, command: &Read) -> Outcome<()> {
    let mut lines = fetch(client, command).await?;
    lines.reverse();
    for line in &lines {
        if command.json {
            println!("{}", line.to_json());
        } else {
            println!("{}", line.to_text());
        }
    }
    Ok(())
}

/// The last messages, newest first, page by page.
async fn fetch(client: &Client, command: &Read) -> Outcome<Vec<Line>> {
    let mut lines: Vec<Line> = Vec::new();
    while lines.len() < command.limit {
        let before = lines.last().and_then(|line| MessageId::new(line.id));
        let page = client.history(command.from.as_str(), before, command.limit - lines.len()).await;
        let page = page.map_err(|error| explain(error, &command.via, &command.from))?;
        let found = lines.len();
        let me = client.login().map(|login| Peer::User(login.user_id));
        lines.extend(page.messages.iter().filter_map(|message| line(message, &page.entities, me)));
        if lines.len() == found {
            break;
        }
    }
    Ok(lines)
}

fn line(message: &tl::Message, entities: &Entities, me: Option<Peer>) -> Option<Line> {
    match message {
        tl::Message::Message(message) => {
            let from = sender(message.from_id.as_ref(), &message.peer_id, message.out, me);
            Some(Line {
                id: message.id,
                date: message.date,
                out: message.out,
                from: from.map(Peer::marked),
                name: name(from, entities),
                reply_to: message.reply_to.as_ref().and_then(reply_to),
                text: message.message.to_string(),
                file: message.media.as_ref().and_then(FileRef::of_media),
                kind: message.media.as_ref().and_then(kind),
            })
        }
        tl::Message::MessageService(message) => {
            let from = sender(message.from_id.as_ref(), &message.peer_id, message.out, me);
            Some(Line {
                id: message.id,
                date: message.date,
                out: message.out,
                from: from.map(Peer::marked),
                name: name(from, entities),
                reply_to: message.reply_to.as_ref().and_then(reply_to),
                text: String::new(),
                file: None,
                kind: Some("service"),
            })
        }
        tl::Message::MessageEmpty(_) => None,
    }
}

/// In private chats the server leaves out what the other fields say.
fn sender(from: Option<&tl::Peer>, chat: &tl::Peer, out: bool, me: Option<Peer>) -> Option<Peer> {
    match from {
        Some(from) => peer(from),
        None if out => me,
        None => peer(chat),
    }
}

fn peer(peer: &tl::Peer) -> Option<Peer> {
    match peer {
        tl::Peer::PeerUser(user) => heliogram_ids::UserId::new(user.user_id).map(Peer::User),
        tl::Peer::PeerChat(chat) => heliogram_ids::ChatId::new(chat.chat_id).map(Peer::Chat),
        tl::Peer::PeerChannel(channel) => {
            heliogram_ids::ChannelId::new(channel.channel_id).map(Peer::Channel)
        }
    }
}

fn name(from: Option<Peer>, entities: &Entities) -> String {
    let Some(from) = from else { return "somebody".to_owned() };
    let known = match (from, entities.chat(from)) {
        (Peer::User(id), _) => match entities.user(id) {
            Some(tl::User::User(user)) => full_name(user),
            _ => String::new(),
        },
        (_, Some(tl::Chat::Chat(chat))) => chat.title.to_string(),
        (_, Some(tl::Chat::Channel(channel))) => channel.title.to_string(),
        _ => String::new(),
    };
    if known.is_empty() { from.marked().to_string() } else { known }
}

fn reply_to(header: &tl::MessageReplyHeader) -> Option<i32> {
    match header {
        tl::MessageReplyHeader::MessageReplyHeader(header) => header.reply_to_msg_id,
        _ => None,
    }
}

/// What a medium is, in a word; nothing for previews of links, which say what the text says.
fn kind(media: &tl::MessageMedia) -> Option<&'static str> {
    use tl::MessageMedia as Media;
    match media {
        Media::MessageMediaEmpty | Media::MessageMediaWebPage(_) => None,
        Media::MessageMediaPhoto(_) => Some("photo"),
        Media::MessageMediaDocument(_) => Some("document"),
        Media::MessageMediaContact(_) => Some("contact"),
        Media::MessageMediaGeo(_) | Media::MessageMediaGeoLive(_) | Media::MessageMediaVenue(_) => {
            Some("place")
        }
        Media::MessageMediaPoll(_) => Some("poll"),
        Media::MessageMediaDice(_) => Some("dice"),
        _ => Some("other"),
    }
}

impl Line {
    fn to_text(&self) -> String {
        let mut text = String::new();
        if let Some(kind) = self.kind {
            let name = self.file.as_ref().and_then(|file| file.name.as_deref());
            let size = self.file.as_ref().and_then(|file| file.size);
            let size = size.map(|size| indicatif::BinaryBytes(size).to_string());
            let parts: Vec<String> = [Some(kind.to_owned()), name.map(str::to_owned), size]
                .into_iter()
                .flatten()
                .collect();
            text = format!("[{}]", parts.join(" "));
        }
        if !self.text.is_empty() && !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&self.text);
        // Later lines of a text are set in, so that none can pass for another message.
        let text = printable(&text).replace('\n', "\n    ");
        let name = printable(&self.name).replace('\n', " ");
        format!("{}  {}  {name}: {text}", self.id, date(self.date))
    }

    fn to_json(&self) -> Value {
        let file = self.file.as_ref();
        json!({
            "id": self.id,
            "date": self.date,
            "out": self.out,
            "from": { "id": self.from, "name": self.name },
            "reply_to": self.reply_to,
            "text": self.text,
            "kind": self.kind.unwrap_or("text"),
            "file": file.map(|file| json!({ "name": file.name, "size": file.size, "mime_type": file.mime_type })),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> tl::types::Message {
        let peer_id = tl::types::PeerUser { user_id: 5 }.into();
        tl::types::Message { id: 3, peer_id, message: "one\ntwo".into(), ..Default::default() }
    }

    fn ada() -> Entities {
        let user = tl::types::User { id: 5, first_name: Some("Ada".into()), ..Default::default() };
        Entities::new(vec![user.into()], Vec::new())
    }

    fn read(message: tl::types::Message) -> Line {
        line(&message.into(), &ada(), Peer::from_marked(6)).expect("it is a message")
    }

    #[test]
    fn a_text_of_two_lines_is_one_message() {
        assert_eq!(read(message()).to_text(), "3  1970-01-01T00:00:00Z  Ada: one\n    two");
    }

    #[test]
    fn what_one_said_oneself_is_under_ones_own_number() {
        let line = read(tl::types::Message { out: true, ..message() });
        assert_eq!((line.from, line.name.as_str()), (Some(6), "6"));
        assert_eq!(line.to_json()["out"], true);
    }

    #[test]
    fn a_file_is_named_before_its_caption() {
        let named = tl::types::DocumentAttributeFilename { file_name: "a.pdf".into() };
        let document = tl::types::Document {
            size: 2048,
            attributes: vec![named.into()],
            ..Default::default()
        };
        let media = tl::types::MessageMediaDocument {
            document: Some(document.into()),
            ..Default::default()
        };
        let line = read(tl::types::Message {
            message: "see".into(),
            media: Some(media.into()),
            ..message()
        });
        assert!(
            line.to_text().ends_with("Ada: [document a.pdf 2.00 KiB] see"),
            "{}",
            line.to_text()
        );
        assert_eq!(line.to_json()["file"]["name"], "a.pdf");
    }
}
