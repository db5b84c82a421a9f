//! `messages.getDhConfig`.

use heliogram_crypto::dh;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Reading;
use crate::error::{Rpc, RpcError};

/// `messages.getDhConfig`: the group in which the keys of secret chats are agreed on, and random
/// bytes for callers that do not trust their own alone.
///
/// # Errors
/// `RANDOM_LENGTH_INVALID`.
pub(super) fn get_dh_config(
    cx: &mut Reading<'_>,
    req: tl::messages::GetDhConfig,
) -> Rpc<tl::messages::DhConfig> {
    let length = usize::try_from(req.random_length).ok().filter(|length| *length <= RANDOM_MAX);
    let mut random = vec![0; length.ok_or(RpcError::RANDOM_LENGTH_INVALID)?];
    cx.rng.fill(&mut random);

    let random = random.into();
    if req.version == VERSION {
        return Ok(types::messages::DhConfigNotModified { random }.into());
    }
    let (g, p) = (dh::G.cast_signed(), dh::PRIME.to_vec().into());
    Ok(types::messages::DhConfig { g, p, version: VERSION, random }.into())
}

/// The prime has never changed, so neither has its version.
const VERSION: i32 = 3;
/// Most random bytes that are given at once.
const RANDOM_MAX: usize = 1024;
