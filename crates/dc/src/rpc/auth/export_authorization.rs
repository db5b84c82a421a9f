//! `auth.exportAuthorization`.

use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Writing;
use crate::domain::logins;
use crate::error::{Rpc, RpcError};

/// `auth.exportAuthorization`: a secret that logs another key of the same client in, once.
///
/// There is one data centre, so it exports to itself.
///
/// # Errors
/// `DC_ID_INVALID`.
pub(super) fn export_authorization(
    cx: &mut Writing<'_>,
    req: tl::auth::ExportAuthorization,
) -> Rpc<tl::auth::ExportedAuthorization> {
    if req.dc_id != cx.world.config.dc_id.get() {
        return Err(RpcError::DC_ID_INVALID);
    }
    let bytes = logins::export(cx)?.into();
    Ok(types::auth::ExportedAuthorization { id: cx.me.get(), bytes }.into())
}
