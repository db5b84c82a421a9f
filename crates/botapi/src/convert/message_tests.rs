//! Messages, from the wire to JSON.

use heliogram_ids::UserId;
use heliogram_tl as tl;
use serde_json::{Value, json};

use super::{Reply, is_news, message, same_content};
use crate::file_id::{FileRef, FileType};
use crate::roster::Roster;

const ADA: i64 = 7;
const BOT: i64 = 42;

fn roster() -> Roster {
    let roster = Roster::default();
    let person = |id, bot, name: &str| -> tl::User {
        let first_name = Some(name.into());
        tl::types::User { id, bot, first_name, ..Default::default() }.into()
    };
    let channel = |id, broadcast: bool, title: &str| -> tl::Chat {
        let (megagroup, title) = (!broadcast, title.into());
        tl::types::Channel { id, broadcast, megagroup, title, ..Default::default() }.into()
    };
    roster.learn(
        &[person(ADA, false, "Ada"), person(BOT, true, "Echo")],
        &[channel(1, true, "News"), channel(2, false, "Talk")],
    );
    roster
}

fn user(id: i64) -> tl::Peer {
    tl::types::PeerUser { user_id: id }.into()
}

fn channel(id: i64) -> tl::Peer {
    tl::types::PeerChannel { channel_id: id }.into()
}

fn text(text: &str) -> tl::types::Message {
    let (id, date, peer_id) = (3, 100, user(ADA));
    tl::types::Message { id, date, peer_id, message: text.into(), ..Default::default() }
}

fn json(wire: impl Into<tl::Message>, reply: Reply) -> Value {
    let me = UserId::new(BOT).unwrap();
    serde_json::to_value(message(&roster(), me, &wire.into(), reply).unwrap()).unwrap()
}

#[track_caller]
fn check(wire: impl Into<tl::Message>, expected: &Value) {
    assert_eq!(&json(wire, Reply::None), expected);
}

/// Checks the fields that are named, and no others.
#[track_caller]
fn has(wire: impl Into<tl::Message>, expected: &Value) {
    let found = json(wire, Reply::None);
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&found[name], value, "{name} of {found}");
    }
}

fn ada() -> Value {
    json!({"id": ADA, "is_bot": false, "first_name": "Ada"})
}

#[test]
fn a_text_in_private_is_from_its_chat() {
    let bold = tl::types::MessageEntityBold { offset: 0, length: 2 }.into();
    let wire = tl::types::Message { entities: Some(vec![bold]), ..text("hi there") };
    check(
        wire,
        &json!({
            "message_id": 3,
            "from": ada(),
            "date": 100,
            "chat": {"id": ADA, "type": "private", "first_name": "Ada"},
            "text": "hi there",
            "entities": [{"type": "bold", "offset": 0, "length": 2}],
        }),
    );
}

#[test]
fn what_the_bot_wrote_is_from_the_bot() {
    let echo = json!({"id": BOT, "is_bot": true, "first_name": "Echo"});
    has(tl::types::Message { out: true, ..text("hi") }, &json!({"from": echo}));
}

#[test]
fn a_post_of_a_channel_is_from_its_chat() {
    let wire = tl::types::Message { peer_id: channel(1), post: true, ..text("news") };
    let chat = json!({"id": -1_000_000_000_001_i64, "type": "channel", "title": "News"});
    has(wire, &json!({"chat": chat, "sender_chat": chat, "from": null}));
}

#[test]
fn an_anonymous_administrator_has_a_stand_in() {
    let wire =
        tl::types::Message { peer_id: channel(2), from_id: Some(channel(2)), ..text("hush") };
    let from = json!({
        "id": 1_087_968_824, "is_bot": true, "first_name": "Group", "username": "GroupAnonymousBot",
    });
    let chat = json!({"id": -1_000_000_000_002_i64, "type": "supergroup", "title": "Talk"});
    has(wire, &json!({"from": from, "sender_chat": chat}));
}

#[test]
fn a_forwarded_message_names_its_origin_in_words_of_today_and_of_old() {
    let header = |header: tl::types::MessageFwdHeader| {
        let fwd_from = Some(tl::types::MessageFwdHeader { date: 50, ..header }.into());
        tl::types::Message { fwd_from, ..text("x") }
    };
    let from_id = Some(user(ADA));
    has(
        header(tl::types::MessageFwdHeader { from_id, ..Default::default() }),
        &json!({
            "forward_origin": {"type": "user", "date": 50, "sender_user": ada()},
            "forward_from": ada(),
            "forward_date": 50,
        }),
    );
    let from_name = Some("Bob".into());
    has(
        header(tl::types::MessageFwdHeader { from_name, ..Default::default() }),
        &json!({
            "forward_origin": {"type": "hidden_user", "date": 50, "sender_user_name": "Bob"},
            "forward_sender_name": "Bob",
        }),
    );
    let (from_id, channel_post) = (Some(channel(1)), Some(9));
    let chat = json!({"id": -1_000_000_000_001_i64, "type": "channel", "title": "News"});
    has(
        header(tl::types::MessageFwdHeader { from_id, channel_post, ..Default::default() }),
        &json!({
            "forward_origin": {"type": "channel", "date": 50, "chat": chat, "message_id": 9},
            "forward_from_message_id": 9,
        }),
    );
}

#[test]
fn an_answer_carries_the_message_that_it_answers() {
    let me = UserId::new(BOT).unwrap();
    let answered = message(&roster(), me, &text("question").into(), Reply::None).unwrap();
    let found = json(text("answer"), Reply::Found(Box::new(answered)));
    assert_eq!(found["reply_to_message"]["text"], "question");
    assert_eq!(found["reply_to_message"]["message_id"], 3);
}

#[test]
fn a_quotation_stands_beside_the_answer() {
    let header = tl::types::MessageReplyHeader {
        quote: true,
        reply_to_msg_id: Some(2),
        quote_text: Some("word".into()),
        quote_offset: Some(4),
        ..Default::default()
    };
    let wire = tl::types::Message { reply_to: Some(header.into()), ..text("x") };
    let quote = json!({"text": "word", "position": 4, "is_manual": true});
    has(wire, &json!({"quote": quote}));
}

fn photo() -> tl::Photo {
    let size = |letter: &str, w, size| -> tl::PhotoSize {
        tl::types::PhotoSize { r#type: letter.into(), w, h: w, size }.into()
    };
    let stripped = tl::types::PhotoStrippedSize { r#type: "i".into(), bytes: tl::Bytes::new() };
    tl::types::Photo {
        id: 11,
        access_hash: 12,
        file_reference: tl::Bytes::from_static(b"ref"),
        sizes: vec![stripped.into(), size("x", 800, 9000), size("m", 320, 900)],
        dc_id: 2,
        ..Default::default()
    }
    .into()
}

#[test]
fn a_photo_has_its_sizes_from_small_to_large_and_a_caption() {
    let media =
        tl::types::MessageMediaPhoto { spoiler: true, photo: Some(photo()), ..Default::default() };
    let grouped_id = Some(77);
    let wire = tl::types::Message { media: Some(media.into()), grouped_id, ..text("look") };
    let found = json(wire, Reply::None);
    let sizes = found["photo"].as_array().unwrap();
    let widths: Vec<_> = sizes.iter().map(|size| size["width"].as_i64().unwrap()).collect();
    assert_eq!(widths, [320, 800]);
    assert_eq!(sizes[1]["file_size"], 9000);
    let id = FileRef::decode(sizes[1]["file_id"].as_str().unwrap()).unwrap();
    assert_eq!((id.file_type, id.dc_id, id.file_reference), (FileType::Photo, 2, b"ref".to_vec()));
    assert_eq!(found["caption"], "look");
    assert_eq!(found["has_media_spoiler"], true);
    assert_eq!(found["media_group_id"], "77");
    assert_eq!(found["text"], Value::Null);
}

fn document(mime_type: &str, attributes: Vec<tl::DocumentAttribute>) -> tl::types::Message {
    let document = tl::types::Document {
        id: 5,
        size: 1000,
        mime_type: mime_type.into(),
        attributes,
        dc_id: 2,
        ..Default::default()
    };
    let document = Some(document.into());
    let media = tl::types::MessageMediaDocument { document, ..Default::default() };
    tl::types::Message { media: Some(media.into()), ..text("") }
}

#[test]
fn a_document_is_what_its_attributes_make_of_it() {
    let name = || tl::types::DocumentAttributeFilename { file_name: "a.bin".into() }.into();
    let video = |round_message| -> tl::DocumentAttribute {
        let (duration, w, h) = (2.5, 240, 240);
        tl::types::DocumentAttributeVideo { round_message, duration, w, h, ..Default::default() }
            .into()
    };
    let audio = |voice| -> tl::DocumentAttribute {
        let title = Some("Song".into());
        tl::types::DocumentAttributeAudio { voice, duration: 3, title, ..Default::default() }.into()
    };
    let animated = tl::DocumentAttribute::DocumentAttributeAnimated;
    let found = |attributes| json(document("x/y", attributes), Reply::None);

    let plain = found(vec![name()]);
    assert_eq!(plain["document"]["file_name"], "a.bin");
    assert_eq!(plain["document"]["file_size"], 1000);
    let moving = found(vec![video(false), name()]);
    assert_eq!((&moving["video"]["duration"], &moving["video"]["width"]), (&json!(3), &json!(240)));
    assert_eq!(moving["document"], Value::Null);
    assert_eq!(found(vec![video(true)])["video_note"]["length"], 240);
    assert_eq!(found(vec![audio(true)])["voice"]["duration"], 3);
    assert_eq!(found(vec![audio(false)])["audio"]["title"], "Song");
    let gif = found(vec![video(false), animated]);
    assert_eq!(gif["animation"]["file_unique_id"], gif["document"]["file_unique_id"]);
    assert_eq!(gif["video"], Value::Null);
}

#[test]
fn media_without_files_have_fields_of_their_own() {
    let with = |media: tl::MessageMedia| tl::types::Message { media: Some(media), ..text("") };
    let geo: tl::GeoPoint =
        tl::types::GeoPoint { lat: 1.5, long: 2.5, ..Default::default() }.into();
    let place = json!({"latitude": 1.5, "longitude": 2.5});
    let point = tl::types::MessageMediaGeo { geo: geo.clone() };
    has(with(point.into()), &json!({"location": place}));
    let venue = tl::types::MessageMediaVenue {
        geo,
        title: "Cafe".into(),
        address: "Main St".into(),
        provider: "foursquare".into(),
        venue_id: "v1".into(),
        ..Default::default()
    };
    let shown =
        json!({"location": place, "title": "Cafe", "address": "Main St", "foursquare_id": "v1"});
    has(with(venue.into()), &json!({"venue": shown, "location": place}));
    let dice =
        tl::types::MessageMediaDice { value: 6, emoticon: "🎲".into(), ..Default::default() };
    has(with(dice.into()), &json!({"dice": {"emoji": "🎲", "value": 6}}));
    let contact = tl::types::MessageMediaContact {
        phone_number: "1555".into(),
        first_name: "Ada".into(),
        ..Default::default()
    };
    let shown = json!({"phone_number": "1555", "first_name": "Ada"});
    has(with(contact.into()), &json!({"contact": shown}));
}

#[test]
fn an_inline_keyboard_comes_back_as_it_was_sent() {
    let json = r#"{"inline_keyboard":[[{"text":"a","callback_data":"x"},{"text":"b","url":"https://t.me/"}],[{"text":"c","switch_inline_query_current_chat":"q"}]]}"#;
    let markup = crate::reply_markup::parse(json).unwrap().unwrap();
    let reply_markup = Some(crate::compose::reply_markup(&markup).unwrap());
    let wire = tl::types::Message { reply_markup, ..text("press") };
    let expected: Value = serde_json::from_str(json).unwrap();
    has(wire, &json!({"reply_markup": expected}));
}

fn service(action: impl Into<tl::MessageAction>) -> tl::types::MessageService {
    let (id, date) = (4, 100);
    let (from_id, peer_id, action) = (Some(user(ADA)), channel(2), action.into());
    tl::types::MessageService { id, date, from_id, peer_id, action, ..Default::default() }
}

#[test]
fn newcomers_are_named_thrice() {
    let wire = service(tl::types::MessageActionChatAddUser { users: vec![ADA] });
    has(
        wire,
        &json!({
            "new_chat_members": [ada()],
            "new_chat_member": ada(),
            "new_chat_participant": ada(),
        }),
    );
}

#[test]
fn what_happens_to_a_chat_has_fields_of_its_own() {
    let title = tl::types::MessageActionChatEditTitle { title: "New".into() };
    has(service(title), &json!({"new_chat_title": "New"}));
    let left = tl::types::MessageActionChatDeleteUser { user_id: ADA };
    has(service(left), &json!({"left_chat_member": ada()}));
    let migrated = tl::types::MessageActionChatMigrateTo { channel_id: 2 };
    has(service(migrated), &json!({"migrate_to_chat_id": -1_000_000_000_002_i64}));
    let gone = service(tl::MessageAction::MessageActionPinMessage);
    let pinned = json(gone, Reply::Gone(2));
    assert_eq!(pinned["pinned_message"]["date"], 0);
    assert_eq!(pinned["pinned_message"]["message_id"], 2);
}

#[test]
fn bots_are_not_told_of_what_they_said() {
    let own = |wire: tl::types::Message| tl::types::Message { out: true, ..wire };
    assert!(is_news(&text("x").into()));
    assert!(!is_news(&own(text("x")).into()));
    let mine = |action: tl::MessageAction| {
        is_news(&tl::types::MessageService { out: true, ..service(action) }.into())
    };
    assert!(mine(tl::types::MessageActionChatEditTitle { title: "x".into() }.into()));
    assert!(!mine(tl::types::MessageActionChatAddUser { users: vec![BOT] }.into()));
}

#[test]
fn an_edit_that_changes_nothing_is_no_edit() {
    let edited =
        |words: &str| tl::Message::from(tl::types::Message { edit_date: Some(200), ..text(words) });
    assert!(same_content(&text("x").into(), &edited("x")));
    assert!(!same_content(&text("x").into(), &edited("y")));
}
