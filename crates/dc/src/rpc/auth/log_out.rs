//! `auth.logOut`.

use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Writing;
use crate::domain::logins;
use crate::error::Rpc;
use crate::fanout::Effect;

/// `auth.logOut`: ends the caller's login. The key stays good for another one.
// Seen: Telethon 1.45 waits for this answer on the same link before it closes it.
pub(super) fn log_out(cx: &mut Writing<'_>, _: tl::auth::LogOut) -> Rpc<tl::auth::LoggedOut> {
    let key = cx.caller.auth_key;
    logins::end(cx.db, key)?;
    cx.outbox.then(Effect::LoginChanged(key));
    Ok(types::auth::LoggedOut::default().into())
}
