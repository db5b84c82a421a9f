//! `updates.getState`.

use heliogram_tl as tl;

use crate::cx::Reading;
use crate::error::Rpc;
use crate::render;

/// `updates.getState`: the present position of the caller's update log.
pub(super) fn get_state(cx: &mut Reading<'_>, _: tl::updates::GetState) -> Rpc<tl::updates::State> {
    render::state(cx.mine())
}
