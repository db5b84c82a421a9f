//! Somebody is writing: told to the other side at once, and kept nowhere.

use heliogram_ids::{Peer, UserId};
use heliogram_store::StoreError;
use heliogram_store::engine::View;

use super::contacts;

/// Who is to see that `writer` is writing: the other side, unless one has blocked the other.
pub(crate) fn audience(
    db: &dyn View,
    writer: UserId,
    peer: Peer,
) -> Result<Option<UserId>, StoreError> {
    let Some(reader) = peer.user().filter(|reader| *reader != writer) else { return Ok(None) };
    let hidden =
        contacts::is_blocked(db, reader, writer)? || contacts::is_blocked(db, writer, reader)?;
    Ok((!hidden).then_some(reader))
}
