//! Profile photos: the present one, and those from before.

use heliogram_ids::{FileId, UserId};
use heliogram_store::engine::View;
use heliogram_store::{Prefix, Read};

use crate::cx::Writing;
use crate::domain::{contacts, users};
use crate::error::Rpc;
use crate::fanout::Notice;
use crate::tables::{ProfilePhotos, Users};

/// All profile photos of an account, the newest first, at most `max`.
pub(crate) fn all(db: &dyn View, owner: UserId, max: usize) -> Rpc<Vec<FileId>> {
    let mut ids = Vec::new();
    for row in db.range_rev::<ProfilePhotos>(Prefix(owner)).take(max) {
        let ((_, _, id), ()) = row?;
        ids.push(id);
    }
    Ok(ids)
}

/// Makes `photo` the present one; one from before moves to the top.
pub(crate) fn set(cx: &mut Writing<'_>, owner: UserId, photo: FileId) -> Rpc<()> {
    take_out(cx, owner, photo)?;
    // One second may see two photos. The later one has to be on top.
    let newest = cx.db.last::<ProfilePhotos>(Prefix(owner))?.map(|((_, date, _), ())| date);
    let date = newest.map_or(i32::MIN, |newest| newest.saturating_add(1)).max(cx.now.unix());
    cx.db.put::<ProfilePhotos>(&(owner, date, photo), &())?;
    show(cx, owner, Some(photo))
}

/// Takes photos away; the newest of the rest becomes the present one. Returns those that were there.
pub(crate) fn delete(cx: &mut Writing<'_>, owner: UserId, photos: &[FileId]) -> Rpc<Vec<FileId>> {
    let mut gone = Vec::new();
    for photo in photos {
        if take_out(cx, owner, *photo)? {
            gone.push(*photo);
        }
    }
    let shown = users::require(cx.db, owner)?.photo;
    if shown.is_some_and(|shown| gone.contains(&shown)) {
        let next = cx.db.last::<ProfilePhotos>(Prefix(owner))?.map(|((_, _, id), ())| id);
        show(cx, owner, next)?;
    }
    Ok(gone)
}

fn take_out(cx: &mut Writing<'_>, owner: UserId, photo: FileId) -> Rpc<bool> {
    let mut found = Vec::new();
    for row in cx.db.range::<ProfilePhotos>(Prefix(owner)) {
        let (key, ()) = row?;
        if key.2 == photo {
            found.push(key);
        }
    }
    for key in &found {
        cx.db.delete::<ProfilePhotos>(key)?;
    }
    Ok(!found.is_empty())
}

/// Changes what the account shows, and tells everybody who looks at it.
fn show(cx: &mut Writing<'_>, owner: UserId, photo: Option<FileId>) -> Rpc<()> {
    let mut row = users::require(cx.db, owner)?;
    if row.photo == photo {
        return Ok(());
    }
    row.photo = photo;
    cx.db.put::<Users>(&owner, &row)?;
    let watchers = contacts::owners_of(cx.db, owner)?;
    let max = cx.world.limits().acquaintances_max;
    for watcher in watchers.into_iter().filter(|watcher| *watcher != owner).take(max) {
        cx.outbox.tell(watcher, Notice::User { of: owner });
    }
    cx.outbox.tell(owner, Notice::User { of: owner });
    Ok(())
}
