//! Everything that is not a message: people, the states of chats, profiles and privacy.

use heliogram_tl as tl;
use tl::types;

use super::media::{picture, upload};
use super::{Cast, call, peer, user};

/// Whom Alice knows and whom she does not want to know.
pub(super) async fn people(cast: &Cast) {
    let bob = types::InputPhoneContact {
        client_id: 1,
        phone: cast.bob.phone.as_str().into(),
        first_name: "Bobby".into(),
        last_name: "B.".into(),
        ..Default::default()
    };
    call(&cast.alice, tl::contacts::ImportContacts { contacts: vec![bob.into()] }).await;
    let alice = tl::contacts::AddContact {
        id: user(&cast.bob, &cast.alice).await,
        first_name: "Alice".into(),
        ..Default::default()
    };
    call(&cast.bob, alice).await;
    let hello = tl::messages::SendMessage {
        peer: peer(&cast.carol, &cast.alice).await,
        message: "do you know me?".into(),
        random_id: cast.random_id(),
        ..Default::default()
    };
    call(&cast.carol, hello).await;
    let id = peer(&cast.alice, &cast.carol).await;
    call(&cast.alice, tl::contacts::Block { my_stories_from: false, id }).await;
}

/// What Alice's chats look like in her list.
pub(super) async fn dialogs(cast: &Cast) {
    let bob = peer(&cast.alice, &cast.bob).await;
    let bot = peer(&cast.alice, &cast.bot).await;
    for peer in [&bob, &bot] {
        let peer = types::InputDialogPeer { peer: peer.clone() }.into();
        call(&cast.alice, tl::messages::ToggleDialogPin { pinned: true, peer }).await;
    }
    let carol = types::InputDialogPeer { peer: peer(&cast.alice, &cast.carol).await };
    let mark =
        tl::messages::MarkDialogUnread { unread: true, peer: carol.into(), ..Default::default() };
    call(&cast.alice, mark).await;
    let draft = tl::messages::SaveDraft {
        peer: bob.clone(),
        message: "I was about to say".into(),
        entities: Some(vec![types::MessageEntityBold { offset: 0, length: 1 }.into()]),
        ..Default::default()
    };
    call(&cast.alice, draft).await;
    let muted = types::InputPeerNotifySettings {
        show_previews: Some(false),
        silent: Some(true),
        mute_until: Some(i32::MAX),
        ..Default::default()
    };
    let peer = types::InputNotifyPeer { peer: bob }.into();
    call(&cast.alice, tl::account::UpdateNotifySettings { peer, settings: muted.into() }).await;
}

/// Profiles, privacy, and what the bot says of itself.
pub(super) async fn account(cast: &Cast) {
    let file = Some(upload(cast, &picture()).await);
    call(&cast.alice, tl::photos::UploadProfilePhoto { file, ..Default::default() }).await;
    let profile = tl::account::UpdateProfile {
        last_name: Some("Liddell".into()),
        about: Some("Curiouser and curiouser".into()),
        ..Default::default()
    };
    call(&cast.alice, profile).await;
    let users = vec![user(&cast.alice, &cast.bob).await];
    let rules = vec![
        types::InputPrivacyValueAllowUsers { users }.into(),
        tl::InputPrivacyRule::InputPrivacyValueAllowContacts,
        tl::InputPrivacyRule::InputPrivacyValueDisallowAll,
    ];
    let key = tl::InputPrivacyKey::InputPrivacyKeyStatusTimestamp;
    call(&cast.alice, tl::account::SetPrivacy { key, rules }).await;
    let command = types::BotCommand {
        command: "help".into(),
        description: "Helps".into(),
        ..Default::default()
    };
    let commands = tl::bots::SetBotCommands {
        scope: tl::BotCommandScope::BotCommandScopeDefault,
        lang_code: "".into(),
        commands: vec![command.into()],
    };
    assert!(call(&cast.bot, commands).await);
    let info = tl::bots::SetBotInfo {
        about: Some("Helps Alice".into()),
        description: Some("A bot that helps".into()),
        ..Default::default()
    };
    assert!(call(&cast.bot, info).await);
}
