//! Requests of every layer that are well formed and otherwise anything: each is answered with a
//! result of its layer, or with an error that is known.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::collections::BTreeSet;

use heliogram_dc::coverage;
use heliogram_ids::MsgId;
use heliogram_testkit::populated::Cast;
use heliogram_testkit::strict::{Known, Sampler, Schema, Value, object};
use heliogram_testkit::{Opening, Refusal, Speaker, World};

/// Requests of one function and layer.
const SAMPLES: usize = 8;

/// Requests that are on their way at once: fewer than a session may have open.
const AT_ONCE: usize = 64;

#[tokio::test]
async fn any_request_of_any_layer_is_answered() {
    let world = World::in_memory();
    let cast = Cast::of(&world).await;
    cast.populate().await;
    let known_errors = known_errors();
    let mut answered = BTreeSet::new();
    for layer in Schema::layers() {
        let mut speaker = Speaker::open(&world, *layer, Opening::default()).await;
        speaker.log_in(&cast.alice.phone, "11111").await;
        let known = known(&mut speaker, &cast).await;
        let schema = Schema::of_layer(*layer);
        let mut sampler = Sampler::new(&schema, &known, u64::from(*layer));
        let mut asked = Vec::new();
        for function in functions(&schema) {
            for _ in 0..SAMPLES {
                let body = sampler.call(function);
                asked.push((function, speaker.send(function, body).await));
            }
            if asked.len() >= AT_ONCE {
                answered.extend(settle(&mut speaker, &mut asked, &known_errors).await);
            }
        }
        answered.extend(settle(&mut speaker, &mut asked, &known_errors).await);
    }
    // Most are refused, as they should be; those that mean something are not.
    for function in ["messages.sendMessage", "messages.getHistory", "users.getFullUser"] {
        assert!(answered.contains(function), "{function} never came to anything");
    }
    assert!(answered.len() > 120, "only {} came to anything: {answered:?}", answered.len());
    world.stop().await;
}

/// Waits for the answers; returns the functions that had a result.
async fn settle(
    speaker: &mut Speaker,
    asked: &mut Vec<(&'static str, MsgId)>,
    known_errors: &BTreeSet<&str>,
) -> Vec<&'static str> {
    let mut answered = Vec::new();
    for (function, id) in asked.drain(..) {
        match speaker.answer(id).await {
            Ok(_) => answered.push(function),
            Err(refused) => check_refusal(speaker.schema(), function, &refused, known_errors),
        }
    }
    answered
}

/// An error that clients know, and not one of ours.
#[track_caller]
fn check_refusal(
    schema: &Schema,
    function: &str,
    refused: &Refusal,
    known_errors: &BTreeSet<&str>,
) {
    let is_number = |part: &str| part.parse::<u64>().is_ok();
    let parts = refused.text.split('_').map(|part| if is_number(part) { "X" } else { part });
    let pattern = parts.collect::<Vec<_>>().join("_");
    let is_known = known_errors.contains(&*pattern) || known_errors.contains(&*refused.text);
    assert!(
        is_known && refused.text != "METHOD_INVALID" && (300..500).contains(&refused.code),
        "{function} in layer {}: {refused:?}",
        schema.layer()
    );
}

/// The errors that are documented for any method.
fn known_errors() -> BTreeSet<&'static str> {
    let facts = include_str!("../../dc/schema/errors.txt");
    facts.lines().filter_map(|line| line.split(' ').nth(1)).collect()
}

/// What the layer can ask and the server answers.
fn functions(schema: &Schema) -> Vec<&'static str> {
    let handled = coverage().into_iter().map(|(name, _)| name);
    // A wrapper has no namespace, and nothing to say of its own.
    let is_asked =
        |name: &&str| schema.has_function(name) && name.contains('.') && !LEFT_OUT.contains(name);
    handled.filter(is_asked).collect()
}

/// What ends the session that asks, or makes it wait.
const LEFT_OUT: [&str; 4] = [
    "auth.bindTempAuthKey",
    "auth.logOut",
    "auth.resetAuthorizations",
    // Waits for a bot that says nothing, for as long as bots may.
    "messages.getBotCallbackAnswer",
];

/// What exists in Alice's account, as she names it.
async fn known(speaker: &mut Speaker, cast: &Cast) -> Known {
    let mut known = Known::default();
    let mut peers = vec![object("inputPeerSelf", [])];
    let mut users = vec![object("inputUserSelf", [])];
    for person in [&cast.bob, &cast.bot, &cast.carol] {
        let arguments = [("username", person.username.as_str().into())];
        let answer = speaker.ask("contacts.resolveUsername", &arguments).await.unwrap();
        let [user] = answer.field("users").unwrap().items() else { panic!("{answer:?}") };
        let field = |name: &str| user.field(name).unwrap().clone();
        let named = || [("user_id", field("id")), ("access_hash", field("access_hash"))];
        peers.push(object("inputPeerUser", named()));
        users.push(object("inputUser", named()));
    }
    let dialogs =
        peers.iter().map(|peer| object("inputDialogPeer", [("peer", peer.clone())])).collect();
    known.of_type.insert("InputPeer", peers);
    known.of_type.insert("InputUser", users);
    known.of_type.insert("InputDialogPeer", dialogs);
    let numbers: Vec<Value> = (0..30).map(Value::Int).collect();
    for field in ["id", "msg_id", "max_id", "offset_id", "reply_to_msg_id", "pts"] {
        known.of_field.insert(field, numbers.clone());
    }
    known.of_field.insert("limit", vec![1.into(), 20.into(), 100.into()]);
    known.of_field.insert("q", vec!["look".into(), "bob".into()]);
    known.of_field.insert("username", vec![cast.bob.username.as_str().into()]);
    known
}
