//! The first seconds of every stock client: each question of its start is answered, in its layer.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use heliogram_testkit::populated::Cast;
use heliogram_testkit::startup::{Question, START_UPS, StartUp};
use heliogram_testkit::strict::Value;
use heliogram_testkit::{Speaker, World};

#[tokio::test]
async fn every_start_is_answered() {
    let world = World::in_memory();
    let cast = Cast::of(&world).await;
    cast.populate().await;
    for (place, start) in START_UPS.iter().enumerate() {
        let mut speaker = Speaker::open(&world, start.layer, start.opening).await;
        burst(&mut speaker, start, start.before, place).await;
        if start.is_bot {
            speaker.log_in_bot(&cast.bot_token).await;
        } else {
            speaker.log_in(&cast.alice.phone, "11111").await;
        }
        burst(&mut speaker, start, start.after, place).await;
    }
    let notes = cast.alice.texts_with(&cast.alice).await;
    let sent = START_UPS.iter().filter(|start| !start.is_bot).count();
    assert_eq!(notes.iter().filter(|note| *note == "a note").count(), sent);
    world.stop().await;
}

/// Asks all at once, as clients do, and reads every answer.
async fn burst(speaker: &mut Speaker, start: &StartUp, questions: &[Question], place: usize) {
    let mut asked = Vec::new();
    for question in questions {
        let mut arguments = question.arguments();
        // Every message is another one.
        let random_id = i64::try_from(place).unwrap() + 0x5eed_0000;
        arguments.push(("random_id", Value::Long(random_id)));
        let body = speaker.schema().call(question.function, &arguments);
        asked.push((question, speaker.send(question.function, body).await));
    }
    for (question, id) in asked {
        let refusal = speaker.answer(id).await.err().map(|refused| refused.text);
        assert_eq!(
            refusal.as_deref(),
            question.refusal,
            "{} of {}",
            question.function,
            start.client
        );
    }
}
