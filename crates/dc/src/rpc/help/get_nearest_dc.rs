//! `help.getNearestDc`.

use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::StrangerReading;
use crate::error::Rpc;

/// `help.getNearestDc`: there is one data centre, so it is the nearest.
pub(super) fn get_nearest_dc(
    cx: &mut StrangerReading<'_>,
    _: tl::help::GetNearestDc,
) -> Rpc<tl::NearestDc> {
    let dc = cx.world.config.dc_id.get();
    // Without a table of networks the country stays open; clients preselect nothing for "XX".
    Ok(types::NearestDc { country: "XX".into(), this_dc: dc, nearest_dc: dc }.into())
}
