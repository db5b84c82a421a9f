//! Accounts as one viewer sees them: own names for contacts, phone and status as privacy allows.

use heliogram_ids::{Peer, UserId};
use heliogram_store::Read;
use heliogram_tl as tl;

use super::Viewer;
use crate::domain::access::Target;
use crate::domain::presence::Seen;
use crate::domain::{contacts, homes, privacy};
use crate::error::Rpc;
use crate::record::{PrivacyKey, UserRow};
use crate::tables::Photos;

/// The full `user`.
pub(crate) fn user(viewer: Viewer<'_>, id: UserId, row: &UserRow) -> Rpc<tl::User> {
    let saved = contacts::saved(viewer.db, viewer.me, id)?;
    let saved_me = contacts::saved(viewer.db, id, viewer.me)?;
    let is_self = id == viewer.me;
    let contact = saved.is_some() && !is_self;
    let (first_name, last_name) = match &saved {
        Some(contact) if !is_self => (contact.first_name.clone(), contact.last_name.clone()),
        _ => (row.first_name.clone(), row.last_name.clone()),
    };
    let shows_phone = saved.is_some_and(|contact| contact.phone.is_some())
        || privacy::allows(viewer.db, id, PrivacyKey::PhoneNumber, viewer.me)?;
    let has_status = !row.is_bot() && !row.deleted;
    let some = |text: &str| (!text.is_empty() && !row.deleted).then(|| tl::Str::from(text));

    Ok(tl::types::User {
        is_self,
        contact,
        mutual_contact: contact && saved_me.is_some(),
        deleted: row.deleted,
        bot: row.is_bot(),
        bot_chat_history: row.bot.as_ref().is_some_and(|bot| bot.sees_all),
        bot_nochats: row.bot.as_ref().is_some_and(|bot| bot.nochats),
        bot_can_edit: row.bot.as_ref().is_some_and(|bot| bot.owner == Some(viewer.me)),
        verified: row.support,
        support: row.support && !row.is_bot(),
        id: id.get(),
        access_hash: Some(viewer.access_hash(Target::Peer(Peer::User(id))).get()),
        first_name: some(&first_name),
        last_name: some(&last_name),
        username: row.username.as_deref().and_then(some),
        phone: row.phone.as_deref().filter(|_| shows_phone).and_then(some),
        photo: profile_photo(viewer, id, row)?,
        status: if has_status { Some(status(viewer, id)?) } else { None },
        bot_info_version: row.bot.as_ref().map(|bot| bot.info_version),
        bot_inline_placeholder: row
            .bot
            .as_ref()
            .and_then(|bot| bot.inline_placeholder.as_deref())
            .map(tl::Str::from),
        ..Default::default()
    }
    .into())
}

/// When somebody was last seen, as exactly as they let the viewer know.
pub(crate) fn status(viewer: Viewer<'_>, of: UserId) -> Rpc<tl::UserStatus> {
    if !privacy::shows_status(viewer.db, of, viewer.me)? {
        return Ok(tl::types::UserStatusRecently::default().into());
    }
    Ok(match viewer.world.presence.of(of, viewer.now) {
        Some(Seen::OnlineUntil(until)) => {
            tl::types::UserStatusOnline { expires: until.unix() }.into()
        }
        Some(Seen::OfflineSince(since)) => {
            tl::types::UserStatusOffline { was_online: since.unix() }.into()
        }
        None => tl::types::UserStatusRecently::default().into(),
    })
}

/// The usernames of an account in the list form of `updateUserName`.
pub(crate) fn usernames(row: &UserRow) -> Vec<tl::Username> {
    let editable = |username: &String| {
        tl::types::Username {
            editable: true,
            active: true,
            username: username.into(),
            ..Default::default()
        }
        .into()
    };
    row.username.iter().map(editable).collect()
}

fn profile_photo(
    viewer: Viewer<'_>,
    of: UserId,
    row: &UserRow,
) -> Rpc<Option<tl::UserProfilePhoto>> {
    let Some(id) = row.photo.filter(|_| !row.deleted) else { return Ok(None) };
    if !privacy::allows(viewer.db, of, PrivacyKey::ProfilePhoto, viewer.me)? {
        return Ok(None);
    }
    let photo = viewer.db.get::<Photos>(&id)?;
    let dc = homes::of_file(&viewer.world.config, photo.as_ref().and_then(|photo| photo.dc));
    let stripped = photo.and_then(|photo| photo.stripped);
    Ok(Some(
        tl::types::UserProfilePhoto {
            photo_id: id.get(),
            stripped_thumb: stripped.map(tl::Bytes::from),
            dc_id: dc.get(),
            ..Default::default()
        }
        .into(),
    ))
}
