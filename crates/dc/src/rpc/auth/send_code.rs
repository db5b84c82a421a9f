//! `auth.sendCode`.

use heliogram_tl as tl;

use super::answer;
use crate::cx::StrangerWriting;
use crate::domain::{codes, homes, names};
use crate::error::{Rpc, RpcError};

/// `auth.sendCode`: begins the login of a phone number.
///
/// Says nothing of whether the number has an account: that shows when the code was given.
///
/// # Errors
/// `API_ID_INVALID`, `PHONE_NUMBER_INVALID`, `PHONE_MIGRATE_X`, `FLOOD_WAIT_X`.
pub(super) fn send_code(
    cx: &mut StrangerWriting<'_>,
    req: tl::auth::SendCode,
) -> Rpc<tl::auth::SentCode> {
    if req.api_id <= 0 {
        return Err(RpcError::API_ID_INVALID);
    }
    let phone = names::parse_phone(&req.phone_number)?;
    homes::require_phone(cx.db, &cx.world.config, cx.caller, &phone)?;
    let asked = codes::ask(cx, &phone)?;
    Ok(answer::sent_code(asked))
}
