//! `contacts.importContacts`.

use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Writing;
use crate::domain::{contacts, names, privacy, users};
use crate::error::Rpc;
use crate::fanout::Notice;
use crate::record::{Contact, PrivacyKey};
use crate::render::Peers;
use crate::tables::PhoneBook;

/// `contacts.importContacts`: saves phone numbers with names, and tells whose accounts they are.
///
/// Numbers without an account are kept: who signs up with one is a contact at once. Those beyond
/// the limit come back to be tried later.
///
/// # Errors
/// `USERS_TOO_MUCH`.
pub(super) fn import_contacts(
    cx: &mut Writing<'_>,
    req: tl::contacts::ImportContacts,
) -> Rpc<tl::contacts::ImportedContacts> {
    let mut answer = types::contacts::ImportedContacts::default();
    let mut peers = Peers::default();
    for (index, tl::InputContact::InputPhoneContact(input)) in req.contacts.iter().enumerate() {
        if index >= IMPORTED_AT_ONCE_MAX {
            answer.retry_contacts.push(input.client_id);
            continue;
        }
        let Ok(phone) = names::parse_phone(&input.phone) else { continue };
        let contact = Contact {
            first_name: names::parse_last_name(&input.first_name, cx.world.limits())?,
            last_name: names::parse_last_name(&input.last_name, cx.world.limits())?,
            phone: Some(phone.clone()),
        };
        let Some(person) = users::by_phone(cx.db, &phone)? else {
            cx.db.put::<PhoneBook>(&(phone, cx.me), &contact)?;
            continue;
        };
        if person == cx.me || !privacy::allows(cx.db, person, PrivacyKey::AddedByPhone, cx.me)? {
            continue;
        }
        contacts::add(cx.db, cx.me, person, &contact, cx.world.limits())?;
        cx.outbox.tell(cx.me, Notice::User { of: person });
        peers.mention_user(person);
        let client_id = input.client_id;
        answer.imported.push(types::ImportedContact { user_id: person.get(), client_id }.into());
    }
    (answer.users, _) = peers.render(cx.mine())?;
    Ok(answer.into())
}

/// Numbers that one call may bring; an address book of a phone comes in several.
const IMPORTED_AT_ONCE_MAX: usize = 500;
