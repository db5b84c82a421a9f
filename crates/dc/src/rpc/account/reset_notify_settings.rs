//! `account.resetNotifySettings`.

use heliogram_store::{Prefix, Read as _};
use heliogram_tl as tl;

use crate::cx::Writing;
use crate::error::Rpc;
use crate::fanout::Notice;
use crate::tables::Notify;

/// `account.resetNotifySettings`: everything is inherited again.
pub(super) fn reset_notify_settings(
    cx: &mut Writing<'_>,
    _: tl::account::ResetNotifySettings,
) -> Rpc<bool> {
    let mut scopes = Vec::new();
    for row in cx.db.range::<Notify>(Prefix(cx.me)) {
        let ((_, scope), _) = row?;
        scopes.push(scope);
    }
    for scope in scopes {
        cx.db.delete::<Notify>(&(cx.me, scope))?;
        cx.outbox.tell(cx.me, Notice::Notify { scope });
    }
    Ok(true)
}
