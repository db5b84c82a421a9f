//! `contacts.getStatuses`.

use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Reading;
use crate::domain::contacts;
use crate::error::Rpc;
use crate::render;

/// `contacts.getStatuses`: when each contact was last seen.
pub(super) fn get_statuses(
    cx: &mut Reading<'_>,
    _: tl::contacts::GetStatuses,
) -> Rpc<Vec<tl::ContactStatus>> {
    let viewer = cx.mine();
    let mut statuses = Vec::new();
    for (person, _) in contacts::all(cx.db, cx.me)? {
        let status = render::status(viewer, person)?;
        statuses.push(types::ContactStatus { user_id: person.get(), status }.into());
    }
    Ok(statuses)
}
