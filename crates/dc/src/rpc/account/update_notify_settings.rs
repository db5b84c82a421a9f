//! `account.updateNotifySettings`.

use heliogram_tl as tl;

use crate::cx::Writing;
use crate::error::Rpc;
use crate::fanout::Notice;
use crate::record::NotifySettings;
use crate::rpc::input;
use crate::tables::Notify;

/// `account.updateNotifySettings`: replaces the settings of one scope; what is left out is
/// inherited again. Sounds are the client's own and not kept.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(super) fn update_notify_settings(
    cx: &mut Writing<'_>,
    req: tl::account::UpdateNotifySettings,
) -> Rpc<bool> {
    let scope = input::notify_scope(cx, &req.peer)?.key();
    let tl::InputPeerNotifySettings::InputPeerNotifySettings(new) = req.settings;
    let row = NotifySettings {
        show_previews: new.show_previews,
        silent: new.silent,
        mute_until: new.mute_until,
    };
    cx.db.put::<Notify>(&(cx.me, scope), &row)?;
    cx.outbox.tell(cx.me, Notice::Notify { scope });
    Ok(true)
}
