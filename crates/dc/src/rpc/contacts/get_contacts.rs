//! `contacts.getContacts` and `contacts.getContactIDs`.

use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Reading;
use crate::domain::contacts;
use crate::error::Rpc;
use crate::render::Peers;

/// `contacts.getContacts`: the address book, unless the client has the same already.
pub(super) fn get_contacts(
    cx: &mut Reading<'_>,
    req: tl::contacts::GetContacts,
) -> Rpc<tl::contacts::Contacts> {
    let saved = contacts::all(cx.db, cx.me)?;
    let saved_count = i32::try_from(saved.len()).unwrap_or(i32::MAX);
    let ids = saved.iter().map(|(person, _)| person.get());
    if req.hash != 0 && req.hash == hash(std::iter::once(i64::from(saved_count)).chain(ids)) {
        return Ok(tl::contacts::Contacts::ContactsNotModified);
    }
    let mut peers = Peers::default();
    let mut listed = Vec::with_capacity(saved.len());
    for (person, _) in saved {
        let mutual = contacts::saved(cx.db, person, cx.me)?.is_some();
        peers.mention_user(person);
        listed.push(types::Contact { user_id: person.get(), mutual }.into());
    }
    let (users, _) = peers.render(cx.mine())?;
    Ok(types::contacts::Contacts { contacts: listed, saved_count, users }.into())
}

/// `contacts.getContactIDs`: who is in the address book, as far as the numbers fit its old form.
pub(super) fn get_contact_ids(
    cx: &mut Reading<'_>,
    _: tl::contacts::GetContactIDs,
) -> Rpc<Vec<i32>> {
    let saved = contacts::all(cx.db, cx.me)?;
    Ok(saved.iter().filter_map(|(person, _)| i32::try_from(person.get()).ok()).collect())
}

/// The hash by which clients name a list they have.
///
/// Spec: core.telegram.org/api/offsets#hash-generation.
fn hash(numbers: impl Iterator<Item = i64>) -> i64 {
    let mut hash = 0_u64;
    for number in numbers {
        hash ^= hash >> 21;
        hash ^= hash << 35;
        hash ^= hash >> 4;
        hash = hash.wrapping_add(number.cast_unsigned());
    }
    hash.cast_signed()
}
