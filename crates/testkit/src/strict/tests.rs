//! The reader can say no: it is shown what it must not read.

use heliogram_tl as tl;
use heliogram_tl::{Bytes, Encode as _, types};

use super::{Known, Sampler, Schema, Value, object};

fn newest() -> Schema {
    Schema::of_layer(*Schema::layers().last().unwrap())
}

fn updates_with(message: types::Message) -> Vec<u8> {
    let new = types::UpdateNewMessage { message: message.into(), pts: 1, pts_count: 1 };
    let updates = types::Updates { updates: vec![new.into()], ..Default::default() };
    tl::Updates::from(updates).to_bytes()
}

fn message(text: &str) -> types::Message {
    let peer_id = types::PeerUser { user_id: 7 }.into();
    types::Message { id: 9, peer_id, message: text.into(), ..Default::default() }
}

#[track_caller]
fn check_refused(schema: &Schema, bytes: Vec<u8>, path: &str, what: &str) {
    let mismatch = schema.read_updates(&bytes.into()).unwrap_err();
    assert_eq!((mismatch.path.as_str(), mismatch.what.as_str()), (path, what));
}

#[test]
fn what_a_layer_says_is_read_by_name() {
    let value = newest().read_updates(&updates_with(message("hello")).into()).unwrap();
    let [update] = value.field("updates").unwrap().items() else { panic!("{value:?}") };
    let read = update.field("message").unwrap();
    assert_eq!(read.field("message").and_then(Value::text), Some("hello"));
    assert_eq!(read.field("id"), Some(&Value::Int(9)));
    assert_eq!(read.field("reply_to"), None);
    assert_eq!(value.named("peerUser").len(), 1);
}

#[test]
fn a_constructor_of_a_newer_layer_is_refused_by_every_older_one() {
    for layer in Schema::layers() {
        let schema = Schema::of_layer(*layer);
        let id = <types::Message as tl::Constructor>::ID;
        let read = schema.read_updates(&updates_with(message("hello")).into());
        assert_eq!(read.is_ok(), schema.has_id(id), "in layer {layer}: {read:?}");
    }
    check_refused(
        &Schema::of_layer(158),
        updates_with(message("hello")),
        "Updates(updates).updates[0](updateNewMessage).message",
        "message#7600b9d3 is of other layers",
    );
}

#[test]
fn bytes_that_are_left_over_are_refused() {
    let mut bytes = updates_with(message("hello"));
    bytes.extend([0; 4]);
    check_refused(&newest(), bytes, "Updates", "4 bytes are left over");
}

#[test]
fn bytes_that_are_missing_are_refused() {
    let bytes = updates_with(message("hello"));
    for cut in (0..bytes.len()).step_by(4) {
        let cut = Bytes::copy_from_slice(&bytes[..cut]);
        newest().read_updates(&cut).unwrap_err();
    }
}

#[test]
fn a_constructor_of_another_type_is_refused() {
    let bytes = tl::Message::from(message("hello")).to_bytes();
    check_refused(&newest(), bytes, "Updates", "message is a Message, not a Updates");
}

#[test]
fn a_flag_without_a_field_is_refused() {
    let mut bytes = updates_with(message("hello"));
    // Ids of the envelope and its vector, the count, the ids of update and message, then the flags:
    // bit 0 of the first word hangs on nothing.
    let flags = 4 + 4 + 4 + 4 + 4;
    bytes[flags] |= 1;
    check_refused(
        &newest(),
        bytes,
        "Updates(updates).updates[0](updateNewMessage).message(message).flags",
        "bits 0x1 have no meaning",
    );
}

#[test]
fn a_text_that_is_none_is_refused() {
    let mut bytes = updates_with(message("hello"));
    let place = bytes.windows(5).position(|five| five == b"hello").unwrap();
    bytes[place] = 0xff;
    check_refused(
        &newest(),
        bytes,
        "Updates(updates).updates[0](updateNewMessage).message(message).message",
        "a string is no text",
    );
}

#[test]
fn a_call_is_written_in_the_words_of_its_layer() {
    let old = Schema::of_layer(158);
    let arguments = [
        ("peer", object("inputPeerSelf", [])),
        ("reply_to_msg_id", Value::Int(3)),
        ("message", "hello".into()),
        ("random_id", Value::Long(5)),
        // Nothing of the kind in this layer.
        ("reply_to", object("inputReplyToMessage", [])),
    ];
    let bytes = old.call("messages.sendMessage", &arguments);
    assert_eq!(bytes[..4], old.function_id("messages.sendMessage").to_le_bytes());
    let raised = tl::layer::upgrade_request(&bytes).unwrap();
    let raised = Bytes::copy_from_slice(&raised);
    let send: tl::messages::SendMessage = tl::Decode::from_bytes(&raised).unwrap();
    assert_eq!((send.message.as_str(), send.random_id), ("hello", 5));
    assert!(matches!(send.reply_to, Some(tl::InputReplyTo::InputReplyToMessage(_))));
}

#[test]
fn samples_of_the_newest_layer_are_requests_that_the_crate_reads() {
    let schema = newest();
    let known = Known {
        of_type: [("InputPeer", vec![object("inputPeerSelf", [])])].into(),
        of_field: [("id", vec![Value::Int(4)])].into(),
    };
    let mut sampler = Sampler::new(&schema, &known, 1);
    let mut about_self = 0;
    for _ in 0..50 {
        let bytes = Bytes::from(sampler.call("messages.search"));
        let read: tl::messages::Search = tl::Decode::from_bytes(&bytes).unwrap();
        about_self += usize::from(read.peer == tl::InputPeer::InputPeerSelf);
        let bytes = Bytes::from(sampler.call("messages.sendMedia"));
        let _: tl::messages::SendMedia = tl::Decode::from_bytes(&bytes).unwrap();
    }
    assert!(about_self > 25, "what is known is asked about: {about_self}");
}

#[test]
fn what_is_lost_on_the_way_is_found() {
    let schema = newest();
    let told = |text: &str| schema.read_updates(&updates_with(message(text)).into()).unwrap();
    let never = |_: &str, _: &str| false;
    assert_eq!(schema.loss(&told("hello"), &told("hello"), &never), None);
    let lost = schema.loss(&told("hello"), &told("hell"), &never).unwrap();
    assert!(lost.starts_with("(updates).updates[0](updateNewMessage).message(message).message: "));
    let varies = |of: &str, field: &str| (of, field) == ("message", "message");
    assert_eq!(schema.loss(&told("hello"), &told("hell"), &varies), None);

    let names = |today: &'static str, then: &'static str| {
        Schema::of_layer(158).loss(&object(today, []), &object(then, []), &never)
    };
    assert!(names("messageMediaGeo", "messageMediaUnsupported").is_some());
    // Nothing of the kind was known then.
    assert_eq!(names("messageMediaToDo", "messageMediaUnsupported"), None);
}
