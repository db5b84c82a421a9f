//! Buttons of bots: the press, the question, the answer.

use std::time::Duration;

use heliogram_ids::UserId;
use heliogram_tl as tl;
use heliogram_tl::{Decode as _, types};

use super::steps::{edit, history, id, newest, offer, person_and_bot, say};
use crate::RpcError;
use crate::error::Rpc;
use crate::fanout::{CallbackQuery, Effect, Notice};
use crate::fixture::Fixture;
use crate::rpc::route::Answer;

type Pressed = Rpc<Answer<tl::messages::BotCallbackAnswer>>;

fn press(cloud: &mut Fixture, user: UserId, bot: UserId, msg_id: i32, data: &[u8]) -> Pressed {
    let request = tl::messages::GetBotCallbackAnswer {
        peer: cloud.input_peer(user, bot),
        msg_id,
        data: Some(data.to_vec().into()),
        ..Default::default()
    };
    cloud.call_parked(user, request)
}

/// What the bot was asked by the last call.
fn question(cloud: &Fixture, bot: UserId) -> CallbackQuery {
    let told = cloud.outbox.notices.iter().find(|told| told.to == bot).expect("the bot is told");
    match &told.notice {
        Notice::Callback { query } => query.clone(),
        other => panic!("{other:?}"),
    }
}

fn answer(query_id: i64, text: &str, cache_time: i32) -> tl::messages::SetBotCallbackAnswer {
    let message = Some(text.into());
    tl::messages::SetBotCallbackAnswer { query_id, message, cache_time, ..Default::default() }
}

fn text_of(answer: &tl::messages::BotCallbackAnswer) -> Option<String> {
    let tl::messages::BotCallbackAnswer::BotCallbackAnswer(answer) = answer;
    answer.message.as_ref().map(ToString::to_string)
}

#[test]
fn a_press_waits_for_the_answer_of_its_bot() {
    let (mut cloud, alice, bot) = person_and_bot();
    let own = offer(&mut cloud, bot, alice, "choose", b"yes");
    let there = newest(&mut cloud, alice, bot).id;

    let Ok(Answer::Parked(key)) = press(&mut cloud, alice, bot, there, b"yes") else {
        panic!("the answer is open")
    };
    let query = question(&cloud, bot);
    assert_eq!((query.id, query.user, query.message.get()), (key, alice, own));
    assert_eq!(query.data, b"yes");

    // The bot may change its message before it answers.
    edit(&mut cloud, bot, alice, own, "chosen").expect("an edit");
    cloud.call(bot, answer(key, "done", 0)).expect("an answer");
    let [Effect::Answer { query, answer: given }] = cloud.outbox.effects.as_slice() else {
        panic!("{:?}", cloud.outbox.effects)
    };
    assert_eq!(*query, key);
    let given = tl::messages::BotCallbackAnswer::from_bytes(&given.clone().into());
    assert_eq!(text_of(&given.expect("an encoded answer")), Some("done".to_owned()));

    let twice = cloud.call(bot, answer(key, "again", 0));
    assert_eq!(twice, Err(RpcError::QUERY_ID_INVALID));
}

#[test]
fn a_late_answer_and_one_from_another_bot_are_refused() {
    let (mut cloud, alice, bot) = person_and_bot();
    offer(&mut cloud, bot, alice, "choose", b"yes");
    let there = newest(&mut cloud, alice, bot).id;
    let other = cloud.bot("other_bot", alice);
    press(&mut cloud, alice, bot, there, b"yes").expect("an open question");
    let key = question(&cloud, bot).id;
    assert_eq!(cloud.call(other, answer(key, "x", 0)), Err(RpcError::QUERY_ID_INVALID));
    cloud.wait(Duration::from_secs(16));
    assert_eq!(cloud.call(bot, answer(key, "x", 0)), Err(RpcError::QUERY_ID_INVALID));
    assert_eq!(cloud.call(bot, answer(key + 1, "x", 0)), Err(RpcError::QUERY_ID_INVALID));
    let long = answer(key, &"x".repeat(201), 0);
    assert_eq!(cloud.call(bot, long), Err(RpcError::MESSAGE_TOO_LONG));
}

#[test]
fn an_answer_is_repeated_for_as_long_as_the_bot_says() {
    let (mut cloud, alice, bot) = person_and_bot();
    offer(&mut cloud, bot, alice, "choose", b"yes");
    let there = newest(&mut cloud, alice, bot).id;
    press(&mut cloud, alice, bot, there, b"yes").expect("an open question");
    let key = question(&cloud, bot).id;
    cloud.call(bot, answer(key, "cached", 60)).expect("an answer");
    let Ok(Answer::Now(again)) = press(&mut cloud, alice, bot, there, b"yes") else {
        panic!("the answer is known")
    };
    assert_eq!(text_of(&again), Some("cached".to_owned()));
    cloud.wait(Duration::from_secs(61));
    assert!(matches!(press(&mut cloud, alice, bot, there, b"yes"), Ok(Answer::Parked(_))));
}

#[test]
fn only_buttons_that_are_there_can_be_pressed() {
    let (mut cloud, alice, bot) = person_and_bot();
    offer(&mut cloud, bot, alice, "choose", b"yes");
    let there = newest(&mut cloud, alice, bot).id;
    let refused = |pressed: Pressed| pressed.expect_err("a refusal");
    let no_such = refused(press(&mut cloud, alice, bot, there, b"no"));
    assert_eq!(no_such, RpcError::DATA_INVALID);
    let plain = id(&history(&mut cloud, alice, bot)[1]);
    assert_eq!(refused(press(&mut cloud, alice, bot, plain, b"yes")), RpcError::DATA_INVALID);
    let unknown = refused(press(&mut cloud, alice, bot, there + 1, b"yes"));
    assert_eq!(unknown, RpcError::MESSAGE_ID_INVALID);
}

#[test]
fn a_button_that_wants_a_password_is_refused_without_one() {
    let (mut cloud, alice, bot) = person_and_bot();
    let callback = types::InlineButtonTypeCallback {
        requires_password: true,
        data: b"transfer".to_vec().into(),
    };
    let button = types::KeyboardInlineButton {
        style: None,
        text: "transfer".into(),
        r#type: callback.into(),
    };
    let row = types::KeyboardInlineButtonRow { buttons: vec![button.into()] };
    let markup = types::ReplyInlineMarkup { rows: vec![row.into()], ..Default::default() };
    let request = tl::messages::SendMessage {
        peer: cloud.input_peer(bot, alice),
        message: "sure?".into(),
        reply_markup: Some(markup.into()),
        random_id: 9,
        ..Default::default()
    };
    cloud.call(bot, request).expect("a message");
    let there = newest(&mut cloud, alice, bot).id;
    let pressed = press(&mut cloud, alice, bot, there, b"transfer");
    assert_eq!(pressed.expect_err("a refusal"), RpcError::PASSWORD_MISSING);
}

#[test]
fn a_bot_is_started_with_the_parameter_of_its_link() {
    let (mut cloud, alice, bot) = person_and_bot();
    let request = tl::messages::StartBot {
        bot: cloud.input_user(alice, bot),
        peer: cloud.input_peer(alice, bot),
        random_id: 11,
        start_param: "ref_42-x".into(),
    };
    cloud.call(alice, request.clone()).expect("a start");
    let message = newest(&mut cloud, alice, bot);
    assert_eq!(message.message.as_str(), "/start ref_42-x");
    assert!(message.entities.is_some_and(|entities| matches!(
        entities.as_slice(),
        [tl::MessageEntity::MessageEntityBotCommand(_)]
    )));

    let strange = tl::messages::StartBot { start_param: "a b".into(), ..request.clone() };
    assert_eq!(cloud.call(alice, strange), Err(RpcError::START_PARAM_INVALID));
    let bob = cloud.person("Bob");
    let person = tl::messages::StartBot {
        bot: cloud.input_user(alice, bob),
        peer: cloud.input_peer(alice, bob),
        ..request
    };
    assert_eq!(cloud.call(alice, person), Err(RpcError::BOT_INVALID));
    say(&mut cloud, bot, alice, "welcome");
}
