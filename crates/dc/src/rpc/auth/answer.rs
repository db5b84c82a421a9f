//! The answers that several methods of the login share.

use heliogram_store::engine::View;
use heliogram_tl as tl;
use heliogram_tl::types::auth as types;

use crate::cx::Cx;
use crate::domain::codes::Asked;
use crate::domain::users;
use crate::error::Rpc;
use crate::render;

/// `auth.authorization` for whoever is logged in now.
///
/// Clients tell a login by the constructor alone.
pub(super) fn authorization<D: View>(cx: &Cx<'_, D>) -> Rpc<tl::auth::Authorization> {
    let row = users::require(&*cx.db, cx.me)?;
    let user = render::user(cx.mine(), cx.me, &row)?;
    Ok(types::Authorization { user, ..Default::default() }.into())
}

/// `auth.sentCode`: where to look for the code.
///
/// What is not read in the app is called an SMS: every client knows that kind and shows a field.
pub(super) fn sent_code(asked: Asked) -> tl::auth::SentCode {
    let length = i32::try_from(asked.length).unwrap_or(i32::MAX);
    let next = asked.in_app.then_some(tl::auth::CodeType::CodeTypeSms);
    let r#type = if asked.in_app {
        types::SentCodeTypeApp { length }.into()
    } else {
        types::SentCodeTypeSms { length }.into()
    };
    let timeout = next.is_some().then_some(RESEND_SECONDS);
    let phone_code_hash = asked.hash.into();
    types::SentCode { r#type, phone_code_hash, next_type: next, timeout }.into()
}

/// How long a client waits before it offers to send the code on another way.
const RESEND_SECONDS: i32 = 60;
