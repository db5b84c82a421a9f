//! People and a bot talk; everybody sees everything that concerns them.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use heliogram_client::session::MemorySession;
use heliogram_ids::{MessageId, Peer};
use heliogram_testkit::{Inbox, World, sender};
use heliogram_tl as tl;

#[tokio::test]
async fn a_conversation_is_seen_alike_from_both_ends() {
    let world = World::in_memory();
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    let (mut at_alice, mut at_bob) = (alice.inbox(), bob.inbox());

    let sent = alice.say(&bob, "hello").await;
    let hello = at_bob.message(alice.id).await;
    assert_eq!((hello.message.as_ref(), hello.out), ("hello", false));

    // A reply names the message by the number it has for the one who reads it.
    let reply = bob.client.send_message(Peer::User(alice.id), "hello yourself");
    reply.reply_to(MessageId::new(hello.id).unwrap()).await.unwrap();
    let reply = at_alice.message(bob.id).await;
    let Some(tl::MessageReplyHeader::MessageReplyHeader(header)) = &reply.reply_to else {
        panic!("not a reply: {reply:?}");
    };
    assert_eq!(header.reply_to_msg_id, Some(sent.id.get()));

    alice.client.edit_message(Peer::User(bob.id), sent.id, "hello, Bob").await.unwrap();
    let edited = at_bob.find(|update| match update {
        tl::Update::UpdateEditMessage(edit) => Some(edit.message),
        _ => None,
    });
    let tl::Message::Message(edited) = edited.await else { panic!("no text is left") };
    assert_eq!((edited.id, edited.message.as_ref()), (hello.id, "hello, Bob"));
    assert!(edited.edit_date.is_some());

    // Reading is told to who wrote.
    let peer = bob.client.resolve(Peer::User(alice.id)).await.unwrap();
    bob.client.invoke(&tl::messages::ReadHistory { peer, max_id: hello.id }).await.unwrap();
    let read = at_alice.find(|update| match update {
        tl::Update::UpdateReadHistoryOutbox(read) => Some(read.max_id),
        _ => None,
    });
    assert_eq!(read.await, sent.id.get());

    bob.client
        .delete_messages(Peer::User(alice.id), &[MessageId::new(hello.id).unwrap()])
        .await
        .unwrap();
    let deleted = at_alice.find(|update| match update {
        tl::Update::UpdateDeleteMessages(deleted) => Some(deleted.messages),
        _ => None,
    });
    assert_eq!(deleted.await, [sent.id.get()]);
    assert_eq!(alice.texts_with(&bob).await, ["hello yourself"]);
    assert_eq!(bob.texts_with(&alice).await, ["hello yourself"]);
    world.stop().await;
}

#[tokio::test]
async fn a_bot_answers_who_speaks_to_it_and_a_button_reaches_it() {
    let world = World::in_memory();
    let (alice, bot) = (world.person("Alice").await, world.bot("Echo").await);
    let (mut at_alice, mut at_bot) = (alice.inbox(), bot.inbox());

    alice.say(&bot, "/start").await;
    let start = at_bot.message(alice.id).await;
    assert_eq!(start.message, "/start");
    let pressed = b"pressed".to_vec().into();
    let pressed = tl::types::InlineButtonTypeCallback { data: pressed, ..Default::default() };
    let button = tl::types::KeyboardInlineButton {
        style: None,
        text: "press".into(),
        r#type: pressed.into(),
    };
    let row = tl::types::KeyboardInlineButtonRow { buttons: vec![button.into()] };
    let keyboard = tl::types::ReplyInlineMarkup { force_reply: false, rows: vec![row.into()] };
    bot.client.send_message(&start.peer_id, "welcome").reply_markup(keyboard).await.unwrap();
    let welcome = at_alice.message(bot.id).await;
    assert_eq!(welcome.message, "welcome");
    assert!(matches!(welcome.reply_markup, Some(tl::ReplyMarkup::ReplyInlineMarkup(_))));

    let peer = alice.client.resolve(Peer::User(bot.id)).await.unwrap();
    let press = tl::messages::GetBotCallbackAnswer {
        peer,
        msg_id: welcome.id,
        data: Some(b"pressed".to_vec().into()),
        ..Default::default()
    };
    let pressing = tokio::spawn({
        let client = alice.client.clone();
        async move { client.invoke(&press).await }
    });
    let query = at_bot.find(|update| match update {
        tl::Update::UpdateBotCallbackQuery(query) => Some(query),
        _ => None,
    });
    let query = query.await;
    assert_eq!(query.user_id, alice.id.get());
    assert_eq!(query.data.as_deref(), Some(&b"pressed"[..]));
    let answer = tl::messages::SetBotCallbackAnswer {
        query_id: query.query_id,
        message: Some("done".into()),
        ..Default::default()
    };
    assert!(bot.client.invoke(&answer).await.unwrap());
    let tl::messages::BotCallbackAnswer::BotCallbackAnswer(answer) =
        pressing.await.unwrap().unwrap();
    assert_eq!(answer.message.as_deref(), Some("done"));
    world.stop().await;
}

#[tokio::test]
async fn ten_devices_of_one_account_hear_the_same_in_the_same_order() {
    let world = World::in_memory();
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    let mut inboxes = vec![bob.inbox()];
    for _ in 1..10 {
        let device = world.device(&bob.phone, MemorySession::default()).await;
        inboxes.push(Inbox::from_oldest(&device));
    }

    let mut said = Vec::new();
    for number in 0..30 {
        said.push(format!("message {number}"));
        alice.say(&bob, said.last().unwrap()).await;
    }
    for (device, inbox) in inboxes.iter_mut().enumerate() {
        let heard = inbox.texts_until(alice.id, "message 29").await;
        assert_eq!(heard, said, "on device {device}");
    }

    // What one device sends, the others see as their own.
    let from_first = bob.client.send_message(Peer::User(alice.id), "from the first").await;
    let id = from_first.unwrap().id.get();
    for (device, inbox) in inboxes.iter_mut().enumerate().skip(1) {
        let own = inbox.find(|update| match update {
            tl::Update::UpdateNewMessage(new) => match new.message {
                tl::Message::Message(message) if message.out => Some(*message),
                _ => None,
            },
            _ => None,
        });
        let own = own.await;
        assert_eq!((own.id, own.message.as_ref()), (id, "from the first"), "on device {device}");
        assert!(sender(&own).is_none_or(|from| from == bob.id));
    }
    world.stop().await;
}

#[tokio::test]
async fn two_who_speak_at_once_agree_on_what_was_said() {
    let world = World::in_memory();
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    let talk = |from: heliogram_testkit::Person, to: heliogram_testkit::Person| async move {
        for number in 0..20 {
            from.say(&to, &format!("{} {number}", from.username)).await;
        }
    };
    let one = tokio::spawn(talk(alice.clone(), bob.clone()));
    let other = tokio::spawn(talk(bob.clone(), alice.clone()));
    one.await.unwrap();
    other.await.unwrap();

    let at_alice = alice.texts_with(&bob).await;
    assert_eq!(at_alice.len(), 40);
    assert_eq!(at_alice, bob.texts_with(&alice).await);
    for person in [&alice, &bob] {
        let own: Vec<_> =
            at_alice.iter().filter(|text| text.starts_with(&person.username)).collect();
        let expected: Vec<_> =
            (0..20).map(|number| format!("{} {number}", person.username)).collect();
        assert_eq!(own, expected.iter().collect::<Vec<_>>());
    }
    world.stop().await;
}
