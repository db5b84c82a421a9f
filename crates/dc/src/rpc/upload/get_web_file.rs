//! `upload.getWebFile`.

use heliogram_tl as tl;

use crate::cx::Reading;
use crate::error::{Rpc, RpcError};

/// `upload.getWebFile`: a file of the web that this cloud had shown somebody.
///
/// It never shows any: no message, result or map here carries a web location, so whichever one is
/// named was not given out by this cloud.
///
/// # Errors
/// `LOCATION_INVALID`.
pub(super) fn get_web_file(
    _cx: &mut Reading<'_>,
    _req: tl::upload::GetWebFile,
) -> Rpc<tl::upload::WebFile> {
    Err(RpcError::LOCATION_INVALID)
}
