//! Each rule by hand: what it keeps, and that the history knows every name in it.

use crate::layer::object::Object;
use crate::layer::rules::{coercions, fallbacks, fields, keyboards, legacy, objects};
use crate::layer::table::{self, Definition, Layer};
use crate::layer::transcode::Transcoder;
use crate::layer::{downgrade_object, downgrade_result, upgrade_request};
use crate::{Bytes, Decode, Encode as _, Function as _, Str, types};

/// A value or call of a layer, from the encoded values of some of its fields.
fn build(layer: i32, name: &str, ready: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let layer = Layer::serving(layer);
    let definition = layer.constructor(name).or_else(|| layer.function(name)).unwrap();
    for (field, _) in ready {
        assert!(definition.field(field).is_some(), "{name} of {layer:?} has no field {field}");
    }
    let mut out = Vec::new();
    Transcoder::to(layer).compose(definition, &[], ready, &mut out).unwrap();
    out
}

fn object(bytes: &[u8]) -> Object<'_> {
    let id = u32::from_le_bytes(*bytes.first_chunk().unwrap());
    let definition = table::definition(id).unwrap();
    let mut r = crate::Reader::new(bytes);
    r.u32().unwrap();
    Object::read_fields(definition, &mut r).unwrap()
}

fn text(text: &str) -> Vec<u8> {
    Str::from(text).to_bytes()
}

fn vector(items: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    crate::layer::transcode::each(&mut out, items, |item, out| {
        out.extend_from_slice(item);
        Ok(())
    })
    .unwrap();
    out
}

fn raised<T: Decode>(request: &[u8]) -> T {
    let raised = upgrade_request(request).unwrap();
    T::from_bytes(&Bytes::copy_from_slice(&raised)).unwrap()
}

fn lowered(layer: i32, value: &impl crate::Encode) -> Vec<u8> {
    downgrade_object(layer, &value.to_bytes()).unwrap().into_owned()
}

#[test]
fn a_reply_of_old_is_a_reply_today() {
    let request = build(
        158,
        "messages.sendMessage",
        &[
            ("peer", build(158, "inputPeerSelf", &[])),
            ("reply_to_msg_id", 7.to_bytes()),
            ("top_msg_id", 3.to_bytes()),
            ("message", text("hello")),
            ("random_id", 1_i64.to_bytes()),
        ],
    );
    let send: crate::messages::SendMessage = raised(&request);
    assert_eq!(send.message, "hello");
    let Some(crate::InputReplyTo::InputReplyToMessage(reply)) = send.reply_to else {
        panic!("{:?}", send.reply_to);
    };
    assert_eq!((reply.reply_to_msg_id, reply.top_msg_id), (7, Some(3)));
}

#[test]
fn a_peer_where_a_user_is_due_is_that_user() {
    let user = types::InputPeerUser { user_id: 7, access_hash: 9 };
    let both = vector(&[
        crate::InputPeer::from(user).to_bytes(),
        crate::InputPeer::InputPeerSelf.to_bytes(),
    ]);
    // Neither the newest layer nor an old one says so; all clients of one library do.
    for layer in [158, 230] {
        let request = build(layer, "users.getUsers", &[("id", both.clone())]);
        let asked: crate::users::GetUsers = raised(&request);
        let user = types::InputUser { user_id: 7, access_hash: 9 };
        assert_eq!(asked.id, [user.into(), crate::InputUser::InputUserSelf]);
    }
}

#[test]
fn a_chat_where_a_user_is_due_is_refused() {
    let chat = crate::InputPeer::from(types::InputPeerChat { chat_id: 7 }).to_bytes();
    let request = build(158, "users.getUsers", &[("id", vector(&[chat]))]);
    assert!(upgrade_request(&request).is_err());
}

#[test]
fn a_request_without_a_reply_stays_without() {
    let request = build(158, "messages.sendMessage", &[("message", text("hello"))]);
    assert_eq!(raised::<crate::messages::SendMessage>(&request).reply_to, None);
}

#[test]
fn inline_buttons_of_old_are_typed_today() {
    let button = build(
        198,
        "keyboardButtonCallback",
        &[("text", text("press")), ("data", Bytes::from_static(b"d").to_bytes())],
    );
    let row = build(198, "keyboardButtonRow", &[("buttons", vector(&[button]))]);
    let markup = build(198, "replyInlineMarkup", &[("rows", vector(&[row]))]);
    let request = build(198, "messages.sendMessage", &[("reply_markup", markup)]);
    let send: crate::messages::SendMessage = raised(&request);
    let expected = crate::InlineButtonType::from(types::InlineButtonTypeCallback {
        requires_password: false,
        data: Bytes::from_static(b"d"),
    });
    let Some(crate::ReplyMarkup::ReplyInlineMarkup(markup)) = send.reply_markup else {
        panic!("{:?}", send.reply_markup);
    };
    let crate::KeyboardInlineButtonRow::KeyboardInlineButtonRow(row) = &markup.rows[0];
    let crate::KeyboardInlineButton::KeyboardInlineButton(button) = &row.buttons[0];
    assert_eq!((&*button.text, &button.r#type), ("press", &expected));
}

#[test]
fn reply_buttons_of_old_are_typed_today() {
    let plain = build(198, "keyboardButton", &[("text", text("yes"))]);
    let phone = build(198, "keyboardButtonRequestPhone", &[("text", text("call"))]);
    let row = build(198, "keyboardButtonRow", &[("buttons", vector(&[plain, phone]))]);
    let markup = build(198, "replyKeyboardMarkup", &[("rows", vector(&[row]))]);
    let request = build(198, "messages.sendMessage", &[("reply_markup", markup)]);
    let send: crate::messages::SendMessage = raised(&request);
    let Some(crate::ReplyMarkup::ReplyKeyboardMarkup(markup)) = send.reply_markup else {
        panic!("{:?}", send.reply_markup);
    };
    let crate::KeyboardButtonRow::KeyboardButtonRow(row) = &markup.rows[0];
    let kinds: Vec<_> = row
        .buttons
        .iter()
        .map(|button| match button {
            crate::KeyboardButton::KeyboardButton(button) => (&*button.text, &button.r#type),
        })
        .collect();
    assert_eq!(
        kinds,
        [
            ("yes", &crate::ButtonType::ButtonTypeDefault),
            ("call", &crate::ButtonType::ButtonTypeRequestPhone)
        ]
    );
}

#[test]
fn typed_buttons_are_constructors_for_old_clients() {
    let callback = types::KeyboardInlineButton {
        style: None,
        text: "press".into(),
        r#type: types::InlineButtonTypeCallback {
            requires_password: true,
            data: Bytes::from_static(b"d"),
        }
        .into(),
    };
    let row = types::KeyboardInlineButtonRow { buttons: vec![callback.into()] };
    let markup = types::ReplyInlineMarkup { force_reply: false, rows: vec![row.into()] };
    let bytes = lowered(158, &crate::ReplyMarkup::from(markup));
    let rows = object(&bytes).field("rows").unwrap().items().unwrap();
    let buttons = rows[0].object().unwrap().field("buttons").unwrap().items().unwrap();
    let button = buttons[0].object().unwrap();
    assert!(button.is("keyboardButtonCallback"));
    assert_eq!(button.field("text").unwrap().bytes, text("press"));
    assert_eq!(button.field("data").unwrap().bytes, Bytes::from_static(b"d").to_bytes());
    assert!(button.field("requires_password").is_some());
}

#[test]
fn a_button_that_old_clients_do_not_know_is_inert() {
    let copy = types::KeyboardInlineButton {
        text: "copy".into(),
        r#type: types::InlineButtonTypeCopy { copy_text: "x".into() }.into(),
        ..Default::default()
    };
    let row = types::KeyboardInlineButtonRow { buttons: vec![copy.into()] };
    let markup = types::ReplyInlineMarkup { force_reply: false, rows: vec![row.into()] };
    let bytes = lowered(158, &crate::ReplyMarkup::from(markup));
    let rows = object(&bytes).field("rows").unwrap().items().unwrap();
    let buttons = rows[0].object().unwrap().field("buttons").unwrap().items().unwrap();
    assert!(buttons[0].object().unwrap().is("keyboardButtonCallback"));
}

#[test]
fn a_poll_of_old_names_its_answer_by_bytes() {
    let answer = |name: &str, option: &'static [u8]| {
        let option = Bytes::from_static(option).to_bytes();
        build(158, "pollAnswer", &[("text", text(name)), ("option", option)])
    };
    let answers = vector(&[answer("one", b"a"), answer("two", b"b")]);
    let poll = build(158, "poll", &[("question", text("which?")), ("answers", answers)]);
    let correct = vector(&[Bytes::from_static(b"b").to_bytes()]);
    let media = build(158, "inputMediaPoll", &[("poll", poll), ("correct_answers", correct)]);
    let request = build(158, "messages.sendMedia", &[("media", media)]);
    let send: crate::messages::SendMedia = raised(&request);
    let crate::InputMedia::InputMediaPoll(media) = send.media else { panic!("{:?}", send.media) };
    assert_eq!(media.correct_answers, Some(vec![1]));
    let crate::Poll::Poll(poll) = &media.poll;
    let crate::TextWithEntities::TextWithEntities(question) = &poll.question;
    assert_eq!(question.text, "which?");
}

#[test]
fn limits_that_moved_stay_in_the_config_of_old() {
    let bytes = lowered(152, &crate::Config::from(types::Config::default()));
    let config = object(&bytes);
    assert_eq!(config.field("saved_gifs_limit").unwrap().bytes, 200.to_bytes());
    assert_eq!(config.field("pinned_dialogs_count_max").unwrap().bytes, 5.to_bytes());
}

#[test]
fn a_status_that_ends_was_a_constructor() {
    let status = types::EmojiStatus { document_id: 5, until: Some(9) };
    let bytes = lowered(158, &crate::EmojiStatus::from(status.clone()));
    assert!(object(&bytes).is("emojiStatusUntil"));
    assert_eq!(object(&bytes).field("until").unwrap().bytes, 9.to_bytes());

    let update = build(158, "account.updateEmojiStatus", &[("emoji_status", bytes)]);
    let raised: crate::account::UpdateEmojiStatus = raised(&update);
    assert_eq!(raised.emoji_status, crate::EmojiStatus::EmojiStatus(status));
}

#[test]
fn media_that_is_unknown_is_called_unsupported() {
    let media = crate::MessageMedia::from(types::MessageMediaStory::default());
    assert!(object(&lowered(158, &media)).is("messageMediaUnsupported"));
}

#[test]
fn an_unknown_event_is_told_in_words() {
    let action = crate::MessageAction::from(types::MessageActionGiftStars::default());
    assert!(object(&lowered(158, &action)).is("messageActionCustomAction"));
}

#[test]
fn an_unknown_entity_is_left_out_and_the_text_stays() {
    let message = types::Message {
        message: "text".into(),
        entities: Some(vec![
            types::MessageEntityBold { offset: 0, length: 2 }.into(),
            types::MessageEntityTonAddress::default().into(),
        ]),
        ..Default::default()
    };
    let bytes = lowered(158, &crate::Message::from(message));
    assert_eq!(object(&bytes).field("entities").unwrap().items().unwrap().len(), 1);
}

#[test]
fn rich_text_without_its_decoration_is_still_text() {
    let plain = crate::RichText::from(types::TextPlain { text: "x".into() });
    let spoiler = crate::RichText::from(types::TextSpoiler { text: plain });
    assert!(object(&lowered(158, &spoiler)).is("textPlain"));
}

#[test]
fn an_unknown_update_goes_and_its_neighbours_stay() {
    let updates = types::Updates {
        updates: vec![
            crate::Update::UpdateConfig,
            types::UpdateStarsBalance::default().into(),
            types::UpdateUser { user_id: 4 }.into(),
        ],
        ..Default::default()
    };
    let bytes = lowered(158, &crate::Updates::from(updates));
    assert_eq!(object(&bytes).field("updates").unwrap().items().unwrap().len(), 2);
}

#[test]
fn a_pinned_topic_was_an_update_of_its_channel() {
    let update = types::UpdatePinnedForumTopic {
        pinned: true,
        peer: types::PeerChannel { channel_id: 8 }.into(),
        topic_id: 3,
    };
    let bytes = lowered(158, &crate::Update::from(update));
    let old = object(&bytes);
    assert!(old.is("updateChannelPinnedTopic"));
    assert_eq!(old.field("channel_id").unwrap().bytes, 8_i64.to_bytes());
    assert!(old.field("pinned").is_some());
}

#[test]
fn results_are_unwrapped_for_those_who_called_the_old_function() {
    let joined =
        crate::messages::ChatInviteJoinResult::from(types::messages::ChatInviteJoinResultOk {
            updates: crate::Updates::UpdatesTooLong,
        });
    let join = Layer::serving(198).function("channels.joinChannel").unwrap();
    let bytes = joined.to_bytes();
    let lowered = downgrade_result(join.id, 198, &bytes).unwrap();
    assert_eq!(&*lowered, crate::Updates::UpdatesTooLong.to_bytes());
    // The same id is current: whoever calls it from the newest layer waits for the newest result.
    let join = crate::channels::JoinChannel::ID;
    assert_eq!(&*downgrade_result(join, Layer::NEWEST.number(), &bytes).unwrap(), bytes);
}

#[test]
fn whoever_asked_about_premium_hears_yes_or_no() {
    let called = Layer::serving(198).function("users.getIsPremiumRequiredToContact").unwrap();
    let today = vec![
        crate::RequirementToContact::RequirementToContactEmpty,
        crate::RequirementToContact::RequirementToContactPremium,
    ];
    let bytes = today.to_bytes();
    let lowered = downgrade_result(called.id, 198, &bytes).unwrap();
    assert_eq!(&*lowered, vec![false, true].to_bytes());
}

#[test]
fn votes_of_channels_are_not_told_where_only_users_voted() {
    let vote = |peer: crate::Peer| {
        types::MessagePeerVote { peer, option: Bytes::from_static(b"a"), date: 3 }.into()
    };
    let list = types::messages::VotesList {
        votes: vec![
            vote(types::PeerUser { user_id: 5 }.into()),
            vote(types::PeerChannel { channel_id: 6 }.into()),
        ],
        ..Default::default()
    };
    let bytes = lowered(158, &crate::messages::VotesList::from(list));
    let votes = object(&bytes).field("votes").unwrap().items().unwrap();
    assert_eq!(votes.len(), 1);
    let vote = votes[0].object().unwrap();
    assert!(vote.is("messageUserVote"));
    assert_eq!(vote.field("user_id").unwrap().bytes, 5_i64.to_bytes());
}

#[test]
fn a_theme_was_an_emoticon() {
    let request = build(158, "messages.setChatTheme", &[("emoticon", text("🏠"))]);
    let set: crate::messages::SetChatTheme = raised(&request);
    assert_eq!(set.theme, types::InputChatTheme { emoticon: "🏠".into() }.into());
    let request = build(158, "messages.setChatTheme", &[]);
    let set: crate::messages::SetChatTheme = raised(&request);
    assert_eq!(set.theme, crate::InputChatTheme::InputChatThemeEmpty);
}

#[test]
fn a_video_lasted_whole_seconds() {
    let video = types::DocumentAttributeVideo { duration: 12.7, w: 2, h: 3, ..Default::default() };
    let bytes = lowered(158, &crate::DocumentAttribute::from(video));
    assert_eq!(object(&bytes).field("duration").unwrap().bytes, 12.to_bytes());
}

#[test]
fn stories_keep_their_place_beside_their_peers() {
    let stories = vec![
        crate::RecentStory::from(types::RecentStory { live: false, max_id: None }),
        crate::RecentStory::from(types::RecentStory { live: false, max_id: Some(6) }),
    ];
    let called = Layer::serving(198).function("stories.getPeerMaxIDs").unwrap();
    let bytes = stories.to_bytes();
    let lowered = downgrade_result(called.id, 198, &bytes).unwrap();
    assert_eq!(&*lowered, vec![0, 6].to_bytes());
}

#[test]
fn forum_functions_moved_with_their_peer() {
    let channel = build(
        158,
        "inputChannel",
        &[("channel_id", 8_i64.to_bytes()), ("access_hash", 9_i64.to_bytes())],
    );
    let request = build(
        158,
        "channels.editForumTopic",
        &[("channel", channel), ("topic_id", 3.to_bytes()), ("title", text("t"))],
    );
    let edit: crate::messages::EditForumTopic = raised(&request);
    assert_eq!(edit.peer, types::InputPeerChannel { channel_id: 8, access_hash: 9 }.into());
    assert_eq!((edit.topic_id, edit.title.as_deref()), (3, Some("t")));
}

#[test]
fn fields_of_one_bit_come_together() {
    let invoice = types::Invoice { recurring: true, ..Default::default() };
    let bytes = lowered(158, &crate::Invoice::from(invoice));
    assert!(object(&bytes).field("recurring").is_some());
    assert_eq!(object(&bytes).field("recurring_terms_url").unwrap().bytes, text(""));
}

#[test]
fn every_name_in_a_rule_is_in_the_history() {
    for rule in &fields::RULES {
        let mut versions = versions(rule.of);
        assert!(versions.any(|d| d.field(rule.field).is_some()), "{}.{}", rule.of, rule.field);
    }
    assert!(fields::RULES.is_sorted_by_key(|rule| rule.of));
    for coercion in &coercions::COERCIONS {
        for name in [coercion.from, coercion.to] {
            assert!(
                (0..table::TYPES.len())
                    .any(|row| table::type_spelling(u16::try_from(row).unwrap()) == name),
                "{name}"
            );
        }
        for name in coercion.how.constructors() {
            assert!(versions(name).next().is_some(), "{name}");
        }
    }
    for (once, today) in keyboards::REPLY.iter().chain(&keyboards::INLINE) {
        assert!(versions(once).next().is_some(), "{once}");
        assert!(Layer::NEWEST.constructor(today).is_some(), "{today}");
    }
    for rule in &objects::RULES {
        assert!(versions(rule.of).next().is_some(), "{}", rule.of);
    }
    for (gone, heir) in &legacy::HEIRS {
        assert!(versions(gone).next().is_some(), "{gone}");
        assert!(Layer::NEWEST.function(gone).is_none(), "{gone}");
        assert!(Layer::NEWEST.function(heir).is_some(), "{heir}");
    }
}

#[test]
fn every_layer_knows_the_fallbacks() {
    for fallback in &fallbacks::FALLBACKS {
        for layer in Layer::all() {
            assert!(layer.constructor(fallback.constructor).is_some(), "{}", fallback.constructor);
        }
        assert!(table::TYPE_NAMES.contains(&fallback.of), "{}", fallback.of);
    }
}

fn versions(name: &str) -> impl Iterator<Item = &'static Definition> {
    table::definitions().iter().filter(move |definition| definition.spelling() == name)
}
