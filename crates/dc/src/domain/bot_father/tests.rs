use std::sync::Arc;

use heliogram_ids::UserId;
use heliogram_tl as tl;
use heliogram_tl::types;

use super::on_message;
use crate::domain::{bots, service, users};
use crate::fanout::{Effect, Outbox};
use crate::fixture::Fixture;

/// A cloud with its service accounts and one person.
fn cloud() -> (Fixture, UserId) {
    let mut cloud = Fixture::new();
    let now = cloud.now;
    cloud.write(move |txn| service::install(txn, now)).expect("service accounts");
    let alice = cloud.person("Alice");
    (cloud, alice)
}

/// What the newest message of BotFather says, in answer to `text`.
fn ask(cloud: &mut Fixture, person: UserId, text: &str) -> types::Message {
    tell(cloud, person, text);
    let peer = cloud.input_peer(person, users::BOT_FATHER);
    let page =
        cloud.call(person, tl::messages::GetHistory { peer, limit: 1, ..Default::default() });
    match page {
        Ok(tl::messages::Messages::MessagesSlice(mut page)) => message(page.messages.remove(0)),
        Ok(tl::messages::Messages::Messages(mut page)) => message(page.messages.remove(0)),
        other => panic!("{other:?}"),
    }
}

fn message(message: tl::Message) -> types::Message {
    match message {
        tl::Message::Message(message) => *message,
        other => panic!("{other:?}"),
    }
}

fn tell(cloud: &mut Fixture, person: UserId, text: &str) -> Outbox {
    let (world, now, text) = (Arc::clone(&cloud.world), cloud.now, text.to_owned());
    cloud.write(move |txn| on_message(&world, txn, now, person, &text)).expect("an answer")
}

fn check(cloud: &mut Fixture, person: UserId, text: &str, expected: &str) {
    let said = ask(cloud, person, text).message;
    assert!(said.contains(expected), "to {text:?}: {said}");
}

/// The token in an answer: the text under the code entity.
fn token(said: &types::Message) -> String {
    let code = said.entities.iter().flatten().find_map(|entity| match entity {
        tl::MessageEntity::MessageEntityCode(code) => Some((code.offset, code.length)),
        _ => None,
    });
    let (offset, length) = code.expect("a token stands in code");
    let (offset, length) = (offset.try_into().unwrap(), length.try_into().unwrap());
    let units: Vec<u16> = said.message.encode_utf16().skip(offset).take(length).collect();
    String::from_utf16(&units).expect("a token is ASCII")
}

fn new_bot(cloud: &mut Fixture, person: UserId, username: &str) -> String {
    ask(cloud, person, "/newbot");
    ask(cloud, person, "Tetris");
    token(&ask(cloud, person, username))
}

fn by_token(cloud: &Fixture, token: &str) -> Option<UserId> {
    cloud.store.read(|db| bots::by_token(db, token)).ok()
}

#[test]
fn a_message_to_bot_father_asks_for_an_answer() {
    let (mut cloud, alice) = cloud();
    let peer = cloud.input_peer(alice, users::BOT_FATHER);
    let message = "/start".into();
    let send = tl::messages::SendMessage { peer, message, random_id: 1, ..Default::default() };
    cloud.call(alice, send).expect("a message");
    assert!(matches!(&cloud.outbox.effects[..],
        [Effect::AskBotFather { person, text }] if *person == alice && text == "/start"));
}

#[test]
fn a_bot_is_made_in_three_messages() {
    let (mut cloud, alice) = cloud();
    check(&mut cloud, alice, "/start", "/newbot");
    check(&mut cloud, alice, "/newbot", "name that people will see");
    check(&mut cloud, alice, "Tetris", "must end in `bot`");
    check(&mut cloud, alice, "tetris", "must end in `bot`");
    check(&mut cloud, alice, "_bot", "not valid");
    check(&mut cloud, alice, "BotFather", "must end");
    let said = ask(&mut cloud, alice, "@TetrisBot");
    let bot = by_token(&cloud, &token(&said)).expect("the token is good");
    let row = cloud.store.read(|db| users::require(db, bot)).expect("the bot exists");
    assert_eq!(row.first_name, "Tetris");
    assert_eq!(row.username.as_deref(), Some("TetrisBot"));
    check(&mut cloud, alice, "/mybots", "@TetrisBot - Tetris");

    ask(&mut cloud, alice, "/newbot");
    ask(&mut cloud, alice, "Again");
    check(&mut cloud, alice, "tetrisbot", "taken");
    check(&mut cloud, alice, "/cancel", "Cancelled");
    check(&mut cloud, alice, "/cancel", "nothing to cancel");
}

#[test]
fn a_revoked_token_is_void_and_the_new_one_good() {
    let (mut cloud, alice) = cloud();
    let old = new_bot(&mut cloud, alice, "tetris_bot");
    ask(&mut cloud, alice, "/token");
    assert_eq!(token(&ask(&mut cloud, alice, "@tetris_bot")), old);

    cloud.key(1);
    let bot_auth_token = old.clone().into();
    let login =
        tl::auth::ImportBotAuthorization { api_id: 1, bot_auth_token, ..Default::default() };
    cloud.call_stranger(login).expect("a login");

    ask(&mut cloud, alice, "/revoke");
    let outbox = tell(&mut cloud, alice, "tetris_bot");
    assert!(matches!(outbox.effects[..], [Effect::LoginEnded(key)] if key == cloud.auth_key));
    assert_eq!(by_token(&cloud, &old), None);
}

#[test]
fn a_bot_is_renamed_described_and_given_commands() {
    let (mut cloud, alice) = cloud();
    let bot = new_bot(&mut cloud, alice, "tetris_bot");
    let bot = by_token(&cloud, &bot).expect("the token is good");
    let steps = [
        ("/setname", "Blocks"),
        ("/setdescription", "Falling blocks"),
        ("/setabouttext", "A game"),
        ("/setcommands", "start - Begin\nstop - End - at once"),
    ];
    for (command, value) in steps {
        check(&mut cloud, alice, command, "Which bot?");
        ask(&mut cloud, alice, "@tetris_bot");
        check(&mut cloud, alice, value, "Success");
    }
    let row = cloud.store.read(|db| users::require(db, bot)).expect("the bot exists");
    assert_eq!((row.first_name.as_str(), row.about.as_str()), ("Blocks", "A game"));
    let scope = tl::BotCommandScope::BotCommandScopeDefault;
    let commands = cloud.call(bot, tl::bots::GetBotCommands { scope, lang_code: "".into() });
    let commands = commands.expect("commands");
    assert!(matches!(&commands[..], [_, tl::BotCommand::BotCommand(stop)]
        if stop.command == "stop" && stop.description == "End - at once"));

    ask(&mut cloud, alice, "/setcommands");
    ask(&mut cloud, alice, "@tetris_bot");
    check(&mut cloud, alice, "Stop it", "cannot read");
}

#[test]
fn only_the_owner_manages_a_bot() {
    let (mut cloud, alice) = cloud();
    let bob = cloud.person("Bob");
    new_bot(&mut cloud, alice, "tetris_bot");
    check(&mut cloud, bob, "/token", "no bots yet");
    new_bot(&mut cloud, bob, "other_bot");
    ask(&mut cloud, bob, "/deletebot");
    check(&mut cloud, bob, "@tetris_bot", "none of your bots");
}

#[test]
fn a_bot_is_deleted_only_after_the_exact_words() {
    let (mut cloud, alice) = cloud();
    let token = new_bot(&mut cloud, alice, "tetris_bot");
    ask(&mut cloud, alice, "/deletebot");
    ask(&mut cloud, alice, "@tetris_bot");
    check(&mut cloud, alice, "yes", "exactly");
    assert!(by_token(&cloud, &token).is_some());
    check(&mut cloud, alice, "Yes, I am totally sure.", "gone");
    assert_eq!(by_token(&cloud, &token), None);
    new_bot(&mut cloud, alice, "tetris_bot");
}
