//! Profiles, as one viewer may open them.

use heliogram_ids::{Peer, UserId};
use heliogram_store::{Prefix, Read};
use heliogram_tl as tl;
use heliogram_tl::types;

use super::{Viewer, bot_info, notify_settings, photo};
use crate::domain::{contacts, dialogs, privacy};
use crate::error::Rpc;
use crate::record::{NotifyScope, PrivacyKey, UserRow};
use crate::tables::{Photos, Pins};

/// The `userFull`.
pub(crate) fn user_full(viewer: Viewer<'_>, id: UserId, row: &UserRow) -> Rpc<tl::UserFull> {
    let (db, peer) = (viewer.db, Peer::User(id));
    let shows = |key| privacy::allows(db, id, key, viewer.me);
    let about = (!row.about.is_empty() && shows(PrivacyKey::About)?).then(|| (&row.about).into());
    let profile_photo = match row.photo {
        Some(photo_id) if shows(PrivacyKey::ProfilePhoto)? => {
            db.get::<Photos>(&photo_id)?.map(|stored| photo(viewer, photo_id, &stored))
        }
        _ => None,
    };
    let bot = row.bot.as_ref().map(|bot| bot_info(viewer, id, bot)).transpose()?;
    let pinned = db.last::<Pins>(Prefix((viewer.me, peer)))?.map(|((_, _, id), ())| id.get());
    Ok(types::UserFull {
        blocked: contacts::is_blocked(db, viewer.me, id)?,
        can_pin_message: true,
        id: id.get(),
        about,
        settings: peer_settings(viewer, id, row)?,
        profile_photo,
        notify_settings: notify_settings(viewer, NotifyScope::Peer(peer))?,
        bot_info: bot,
        pinned_msg_id: pinned,
        ..Default::default()
    }
    .into())
}

/// What a client offers to do at the top of the dialog with somebody: to save or block a person who
/// is not in the address book.
pub(crate) fn peer_settings(
    viewer: Viewer<'_>,
    id: UserId,
    row: &UserRow,
) -> Rpc<tl::PeerSettings> {
    let is_stranger = id != viewer.me
        && !row.is_bot()
        && !row.support
        && !row.deleted
        && contacts::saved(viewer.db, viewer.me, id)?.is_none();
    let blocked = contacts::is_blocked(viewer.db, viewer.me, id)?;
    let peer = Peer::User(id);
    let dialog = dialogs::find(viewer.db, viewer.me, peer)?;
    if dialog.is_some_and(|dialog| dialog.hide_peer_settings == Some(true)) {
        return Ok(types::PeerSettings::default().into());
    }
    Ok(types::PeerSettings {
        report_spam: is_stranger && dialogs::is_unanswered(viewer.db, viewer.me, peer)?,
        add_contact: is_stranger,
        block_contact: is_stranger && !blocked,
        ..Default::default()
    }
    .into())
}
