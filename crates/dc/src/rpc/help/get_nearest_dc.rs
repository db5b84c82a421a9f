//! `help.getNearestDc`.

use heliogram_tl as tl;
use heliogram_tl::types;

use super::get_config::this_dc;
use crate::cx::StrangerReading;
use crate::error::Rpc;

/// `help.getNearestDc`: the one that was dialled, since all are equally far.
pub(super) fn get_nearest_dc(
    cx: &mut StrangerReading<'_>,
    _: tl::help::GetNearestDc,
) -> Rpc<tl::NearestDc> {
    let dc = this_dc(cx).get();
    // Without a table of networks the country stays open; clients preselect nothing for "XX".
    Ok(types::NearestDc { country: "XX".into(), this_dc: dc, nearest_dc: dc }.into())
}
