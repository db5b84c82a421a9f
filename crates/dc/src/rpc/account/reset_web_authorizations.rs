//! `account.resetWebAuthorization` and `account.resetWebAuthorizations`.

use heliogram_tl as tl;

use crate::cx::Writing;
use crate::error::{Rpc, RpcError};

/// `account.resetWebAuthorization`: no site logs people in by this cloud, so there is none to end.
///
/// # Errors
/// `HASH_INVALID`.
pub(super) fn reset_web_authorization(
    _: &mut Writing<'_>,
    _: tl::account::ResetWebAuthorization,
) -> Rpc<bool> {
    Err(RpcError::HASH_INVALID)
}

/// `account.resetWebAuthorizations`: ends all of none.
pub(super) fn reset_web_authorizations(
    _: &mut Writing<'_>,
    _: tl::account::ResetWebAuthorizations,
) -> Rpc<bool> {
    Ok(true)
}
