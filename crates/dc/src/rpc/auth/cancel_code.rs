//! `auth.cancelCode`.

use heliogram_tl as tl;

use crate::cx::StrangerWriting;
use crate::domain::{codes, names};
use crate::error::Rpc;

/// `auth.cancelCode`: makes a code worthless.
///
/// # Errors
/// `PHONE_NUMBER_INVALID`, `PHONE_CODE_HASH_EMPTY`, `PHONE_CODE_EXPIRED`.
pub(super) fn cancel_code(cx: &mut StrangerWriting<'_>, req: tl::auth::CancelCode) -> Rpc<bool> {
    let phone = names::parse_phone(&req.phone_number)?;
    codes::forget(cx, &phone, &req.phone_code_hash)?;
    Ok(true)
}
