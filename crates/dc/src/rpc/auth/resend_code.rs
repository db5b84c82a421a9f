//! `auth.resendCode`.

use heliogram_tl as tl;

use super::answer;
use crate::cx::StrangerWriting;
use crate::domain::{codes, names};
use crate::error::Rpc;

/// `auth.resendCode`: sends the same code once more, and no further way is left after that.
///
/// # Errors
/// `PHONE_NUMBER_INVALID`, `PHONE_CODE_HASH_EMPTY`, `PHONE_CODE_EXPIRED`.
pub(super) fn resend_code(
    cx: &mut StrangerWriting<'_>,
    req: tl::auth::ResendCode,
) -> Rpc<tl::auth::SentCode> {
    let phone = names::parse_phone(&req.phone_number)?;
    let mut asked = codes::ask_again(cx, &phone, &req.phone_code_hash)?;
    asked.in_app = false;
    Ok(answer::sent_code(asked))
}
