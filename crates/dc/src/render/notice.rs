//! Events without a place in a log, as one session's owner sees them.

use heliogram_ids::{AuthKeyId, Peer, UserId};
use heliogram_store::Read;
use heliogram_tl as tl;
use heliogram_tl::types;

use super::{Peers, Viewer, draft, peer, usernames};
use crate::domain::presence::Seen;
use crate::domain::{dialogs, privacy, users};
use crate::error::Rpc;
use crate::fanout::{CallbackQuery, Notice};
use crate::record::NotifyScope;
use crate::tables::AuthKeys;

/// The update, unless what it tells of is gone; everybody it mentions is noted in `peers`.
pub(crate) fn notice(
    viewer: Viewer<'_>,
    notice: &Notice,
    peers: &mut Peers,
) -> Rpc<Option<tl::Update>> {
    Ok(Some(match notice {
        Notice::Typing { from, action } => typing(*from, action, peers),
        Notice::Status { of, seen } => {
            types::UpdateUserStatus { user_id: of.get(), status: status(*seen) }.into()
        }
        Notice::Name { of } => return name(viewer, *of, peers),
        Notice::User { of } => {
            peers.mention_user(*of);
            types::UpdateUser { user_id: of.get() }.into()
        }
        Notice::Draft { peer } => saved_draft(viewer, *peer, peers)?,
        Notice::DialogPinned { peer, pinned } => {
            let (pinned, peer) = (*pinned, dialog_peer(*peer, peers));
            types::UpdateDialogPinned { pinned, folder_id: None, peer }.into()
        }
        Notice::PinnedDialogs => pinned_dialogs(viewer, peers)?,
        Notice::UnreadMark { peer, unread } => {
            let (unread, peer) = (*unread, dialog_peer(*peer, peers));
            types::UpdateDialogUnreadMark { unread, peer, ..Default::default() }.into()
        }
        Notice::Notify { scope } => return notify(viewer, *scope, peers),
        Notice::Privacy { key } => {
            let rules = privacy::rules(viewer.db, viewer.me, *key)?;
            let rules = super::privacy_rules(&rules, peers);
            types::UpdatePrivacy { key: super::privacy_key(*key), rules }.into()
        }
        Notice::Blocked { peer: of, blocked } => {
            peers.mention_user(*of);
            let (blocked, peer_id) = (*blocked, peer((*of).into()));
            types::UpdatePeerBlocked { blocked, peer_id, ..Default::default() }.into()
        }
        Notice::NewLogin { key } => return new_login(viewer, *key),
        Notice::Callback { query } => callback(query, peers),
    }))
}

fn typing(from: UserId, action: &tl::SendMessageAction, peers: &mut Peers) -> tl::Update {
    peers.mention_user(from);
    let (user_id, action) = (from.get(), action.clone());
    types::UpdateUserTyping { user_id, top_msg_id: None, action }.into()
}

fn name(viewer: Viewer<'_>, of: UserId, peers: &mut Peers) -> Rpc<Option<tl::Update>> {
    let Some(row) = users::find(viewer.db, of)? else { return Ok(None) };
    peers.mention_user(of);
    let update = types::UpdateUserName {
        user_id: of.get(),
        first_name: (&row.first_name).into(),
        last_name: (&row.last_name).into(),
        usernames: usernames(&row),
    };
    Ok(Some(update.into()))
}

fn saved_draft(viewer: Viewer<'_>, of: Peer, peers: &mut Peers) -> Rpc<tl::Update> {
    peers.mention(of);
    let saved = dialogs::find(viewer.db, viewer.me, of)?.and_then(|dialog| dialog.draft);
    let draft = match saved {
        Some(saved) => draft(&saved, peers),
        None => types::DraftMessageEmpty { date: Some(viewer.now.unix()) }.into(),
    };
    Ok(types::UpdateDraftMessage { peer: peer(of), draft, ..Default::default() }.into())
}

/// The whole order: whoever is told only that it changed has to ask for it.
fn pinned_dialogs(viewer: Viewer<'_>, peers: &mut Peers) -> Rpc<tl::Update> {
    let pinned = dialogs::pinned(viewer.db, viewer.me)?;
    let order = pinned.into_iter().map(|(of, _)| dialog_peer(of, peers)).collect();
    Ok(types::UpdatePinnedDialogs { folder_id: None, order: Some(order) }.into())
}

fn dialog_peer(of: Peer, peers: &mut Peers) -> tl::DialogPeer {
    peers.mention(of);
    types::DialogPeer { peer: peer(of) }.into()
}

fn new_login(viewer: Viewer<'_>, key: AuthKeyId) -> Rpc<Option<tl::Update>> {
    let Some(row) = viewer.db.get::<AuthKeys>(&key)? else { return Ok(None) };
    let update = types::UpdateNewAuthorization {
        unconfirmed: false,
        hash: row.hash,
        date: Some(row.logged_in),
        device: row.client.map(|client| client.device_model.into()),
        location: Some(row.ip.into()),
    };
    Ok(Some(update.into()))
}

fn callback(query: &CallbackQuery, peers: &mut Peers) -> tl::Update {
    peers.mention_user(query.user);
    types::UpdateBotCallbackQuery {
        query_id: query.id,
        user_id: query.user.get(),
        peer: peer(query.peer),
        msg_id: query.message.get(),
        chat_instance: query.chat_instance,
        data: Some(query.data.clone().into()),
        game_short_name: None,
    }
    .into()
}

fn notify(viewer: Viewer<'_>, key: i64, peers: &mut Peers) -> Rpc<Option<tl::Update>> {
    let Some(scope) = NotifyScope::from_key(key) else { return Ok(None) };
    let whom: tl::NotifyPeer = match scope {
        NotifyScope::Users => tl::NotifyPeer::NotifyUsers,
        NotifyScope::Chats => tl::NotifyPeer::NotifyChats,
        NotifyScope::Broadcasts => tl::NotifyPeer::NotifyBroadcasts,
        NotifyScope::Peer(of) => {
            peers.mention(of);
            types::NotifyPeer { peer: peer(of) }.into()
        }
    };
    let notify_settings = super::notify_settings(viewer, scope)?;
    Ok(Some(types::UpdateNotifySettings { peer: whom, notify_settings }.into()))
}

fn status(seen: Seen) -> tl::UserStatus {
    match seen {
        Seen::OnlineUntil(until) => types::UserStatusOnline { expires: until.unix() }.into(),
        Seen::OfflineSince(since) => types::UserStatusOffline { was_online: since.unix() }.into(),
    }
}
