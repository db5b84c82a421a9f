//! `auth.exportAuthorization`.

use heliogram_ids::DcId;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Writing;
use crate::domain::logins;
use crate::error::{Rpc, RpcError};

/// `auth.exportAuthorization`: a secret that logs another key of the same client in, once.
///
/// Clients ask for it to fetch files from another data centre; some also for a further connection
/// to the same.
///
/// # Errors
/// `DC_ID_INVALID`.
pub(super) fn export_authorization(
    cx: &mut Writing<'_>,
    req: tl::auth::ExportAuthorization,
) -> Rpc<tl::auth::ExportedAuthorization> {
    if !DcId::new(req.dc_id).is_some_and(|dc| cx.world.config.serves(dc)) {
        return Err(RpcError::DC_ID_INVALID);
    }
    let bytes = logins::export(cx)?.into();
    Ok(types::auth::ExportedAuthorization { id: cx.me.get(), bytes }.into())
}
