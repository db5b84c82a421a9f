//! `messages.sendMessage`.

use heliogram_ids::RandomId;
use heliogram_tl as tl;

use crate::cx::Writing;
use crate::domain::messages::post::{self, Draft, Notify};
use crate::domain::{dialogs, permit};
use crate::error::Rpc;
use crate::render::{self, Repeated};
use crate::rpc::input;

/// `messages.sendMessage`: posts one text to a user.
///
/// A repeated `random_id` returns the first result and posts nothing.
///
/// # Errors
/// `MESSAGE_EMPTY`, `MESSAGE_TOO_LONG`, `ENTITY_BOUNDS_INVALID`, `PEER_ID_INVALID`, `USER_IS_BLOCKED`,
/// `YOU_BLOCKED_USER`, `REPLY_MESSAGE_ID_INVALID`, `QUOTE_TEXT_INVALID`, `RANDOM_ID_EMPTY`,
/// `SCHEDULE_DATE_INVALID`, `SCHEDULE_BOT_NOT_ALLOWED`.
pub(super) fn send_message(
    cx: &mut Writing<'_>,
    req: tl::messages::SendMessage,
) -> Rpc<tl::Updates> {
    let peer = input::peer(cx, &req.peer)?;
    let random_id = RandomId(req.random_id);
    if let Some(posted) = post::repeated(cx.db, cx.me, peer, random_id)? {
        return render::own_post(cx.mine(), &[(posted.id(), random_id, Repeated::of(posted))]);
    }
    input::schedule(cx.caller, cx.now, req.schedule_date)?;
    let text = input::text(cx, &req.message, req.entities.as_deref())?;
    let reply_to = input::reply_to(cx, peer, req.reply_to.as_ref())?;
    let markup = input::markup(cx, req.reply_markup.as_ref())?;

    permit::post(cx.db, cx.me, cx.caller.is_bot, peer)?;

    let draft = Draft {
        text,
        reply_to,
        markup,
        notify: if req.silent { Notify::Silent } else { Notify::Loud },
        noforwards: req.noforwards,
        invert_media: req.invert_media,
        no_webpage: req.no_webpage,
        ..Draft::default()
    };
    let posted = post::post_once(cx, peer, random_id, draft)?;
    if req.clear_draft {
        dialogs::clear_draft(cx, peer)?;
    }

    render::own_post(cx.mine(), &[(posted.id(), random_id, Repeated::of(posted))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::RpcError;
    use crate::fixture::Fixture;
    use heliogram_ids::UserId;

    fn request(
        cloud: &Fixture,
        from: UserId,
        to: UserId,
        text: &str,
        random_id: i64,
    ) -> tl::messages::SendMessage {
        let peer = cloud.input_peer(from, to);
        tl::messages::SendMessage { peer, message: text.into(), random_id, ..Default::default() }
    }

    fn history(cloud: &mut Fixture, of: UserId, with: UserId) -> Vec<String> {
        let peer = cloud.input_peer(of, with);
        let page =
            cloud.call(of, tl::messages::GetHistory { peer, limit: 100, ..Default::default() });
        let Ok(tl::messages::Messages::Messages(page)) = page else { panic!("{page:?}") };
        let text = |message: &tl::Message| match message {
            tl::Message::Message(message) => message.message.to_string(),
            other => panic!("{other:?}"),
        };
        page.messages.iter().map(text).collect()
    }

    #[test]
    fn both_sides_get_a_copy_under_ids_of_their_own() {
        let mut cloud = Fixture::new();
        let (alice, bob) = (cloud.person("Alice"), cloud.person("Bob"));
        let note = request(&cloud, bob, bob, "shopping list", 1);
        cloud.call(bob, note).expect("a note to oneself");

        let send = request(&cloud, alice, bob, "hello", 2);
        let answer = cloud.call(alice, send).expect("a message");

        let tl::Updates::Updates(answer) = answer else { panic!("{answer:?}") };
        assert!(
            matches!(&answer.updates[0], tl::Update::UpdateMessageId(update) if update.random_id == 2)
        );
        assert!(
            matches!(&answer.updates[1], tl::Update::UpdateNewMessage(update) if update.pts == 2)
        );
        assert_eq!(answer.users.len(), 2);
        assert_eq!(history(&mut cloud, alice, bob), ["hello"]);
        assert_eq!(history(&mut cloud, bob, alice), ["hello"]);
        assert_eq!(history(&mut cloud, bob, bob), ["shopping list"]);
    }

    #[test]
    fn a_repeated_random_id_posts_nothing() {
        let mut cloud = Fixture::new();
        let (alice, bob) = (cloud.person("Alice"), cloud.person("Bob"));
        for _ in 0..2 {
            let send = request(&cloud, alice, bob, "once", 7);
            cloud.call(alice, send).expect("a message");
        }
        assert_eq!(history(&mut cloud, bob, alice), ["once"]);

        let elsewhere = request(&cloud, alice, alice, "once", 7);
        assert_eq!(cloud.call(alice, elsewhere), Err(RpcError::RANDOM_ID_DUPLICATE));
    }

    #[test]
    fn a_repeated_random_id_is_not_refused_for_what_changed_since() {
        let mut cloud = Fixture::new();
        let (alice, bob) = (cloud.person("Alice"), cloud.person("Bob"));
        let question = request(&cloud, bob, alice, "well?", 1);
        cloud.call(bob, question).expect("a question");
        let mut reply = request(&cloud, alice, bob, "yes", 2);
        let to = tl::types::InputReplyToMessage { reply_to_msg_id: 1, ..Default::default() };
        reply.reply_to = Some(to.into());
        cloud.call(alice, reply.clone()).expect("a reply");
        let delete = tl::messages::DeleteMessages { revoke: false, id: vec![1] };
        cloud.call(alice, delete).expect("the question goes");

        let again = cloud.call(alice, reply).expect("the first result");
        let tl::Updates::Updates(again) = again else { panic!("{again:?}") };
        assert!(matches!(&again.updates[0], tl::Update::UpdateMessageId(named) if named.id == 2));
        assert_eq!(history(&mut cloud, bob, alice), ["yes", "well?"]);
    }

    #[test]
    fn what_is_meant_for_later_does_not_go_out_now() {
        let mut cloud = Fixture::new();
        let (alice, bob) = (cloud.person("Alice"), cloud.person("Bob"));
        for (seconds, expected) in [(3600, Err(RpcError::SCHEDULE_DATE_INVALID)), (5, Ok(()))] {
            let mut send = request(&cloud, alice, bob, "in a while", seconds);
            send.schedule_date = Some(cloud.now.unix() + i32::try_from(seconds).unwrap());
            assert_eq!(cloud.call(alice, send).map(drop), expected, "{seconds}");
        }
        assert_eq!(history(&mut cloud, bob, alice), ["in a while"]);
    }

    #[test]
    fn a_hash_of_another_account_opens_nothing() {
        let mut cloud = Fixture::new();
        let (alice, bob, eve) = (cloud.person("Alice"), cloud.person("Bob"), cloud.person("Eve"));
        let mut send = request(&cloud, eve, bob, "hi", 3);
        send.peer = cloud.input_peer(alice, bob);
        assert_eq!(cloud.call(eve, send), Err(RpcError::PEER_ID_INVALID));
    }

    #[test]
    fn a_bot_cannot_begin_a_conversation() {
        let mut cloud = Fixture::new();
        let alice = cloud.person("Alice");
        let bot = cloud.bot("alice_bot", alice);
        let send = request(&cloud, bot, alice, "hi", 4);
        assert_eq!(cloud.call(bot, send), Err(RpcError::PEER_ID_INVALID));

        let start = request(&cloud, alice, bot, "/start", 5);
        cloud.call(alice, start).expect("a person may");
        let reply = request(&cloud, bot, alice, "welcome", 6);
        cloud.call(bot, reply).expect("a bot may answer");
    }
}
