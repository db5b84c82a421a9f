//! `contacts.addContact` and `contacts.acceptContact`.

use heliogram_ids::UserId;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Writing;
use crate::domain::{contacts, names, users};
use crate::error::{Rpc, RpcError};
use crate::fanout::Notice;
use crate::record::Contact;
use crate::render::{self, Peers};
use crate::rpc::input;

/// `contacts.addContact`: saves somebody under a name of the caller's choice.
///
/// # Errors
/// `USER_ID_INVALID`, `CONTACT_ID_INVALID` for oneself, `CONTACT_NAME_EMPTY`, `FIRSTNAME_INVALID`,
/// `LASTNAME_INVALID`, `USERS_TOO_MUCH`.
pub(super) fn add_contact(cx: &mut Writing<'_>, req: tl::contacts::AddContact) -> Rpc<tl::Updates> {
    let person = input::user(cx, &req.id)?;
    if person == cx.me {
        return Err(RpcError::CONTACT_ID_INVALID);
    }
    let limits = cx.world.limits();
    let contact = Contact {
        first_name: match req.first_name.trim() {
            "" if req.last_name.trim().is_empty() => return Err(RpcError::CONTACT_NAME_EMPTY),
            "" => String::new(),
            name => names::parse_first_name(name, limits)?,
        },
        last_name: names::parse_last_name(&req.last_name, limits)?,
        phone: names::parse_phone(&req.phone).ok(),
    };
    contacts::add(cx.db, cx.me, person, &contact, limits)?;
    if req.add_phone_privacy_exception {
        share_phone(cx, person)?;
    }
    tell(cx, person)
}

/// `contacts.acceptContact`: saves somebody under their own name, and lets them see one's number.
///
/// # Errors
/// `USER_ID_INVALID`, `CONTACT_ID_INVALID`, `USERS_TOO_MUCH`.
pub(super) fn accept_contact(
    cx: &mut Writing<'_>,
    req: tl::contacts::AcceptContact,
) -> Rpc<tl::Updates> {
    let person = input::user(cx, &req.id)?;
    if person == cx.me {
        return Err(RpcError::CONTACT_ID_INVALID);
    }
    let row = users::require(cx.db, person)?;
    let contact = Contact { first_name: row.first_name, last_name: row.last_name, phone: None };
    contacts::add(cx.db, cx.me, person, &contact, cx.world.limits())?;
    share_phone(cx, person)?;
    tell(cx, person)
}

/// Whoever has saved the caller knows the number from now on.
fn share_phone(cx: &mut Writing<'_>, person: UserId) -> Rpc<()> {
    let phone = users::require(cx.db, cx.me)?.phone;
    if let Some(theirs) = contacts::saved(cx.db, person, cx.me)? {
        let contact = Contact { phone, ..theirs };
        contacts::add(cx.db, person, cx.me, &contact, cx.world.limits())?;
        cx.outbox.tell(person, Notice::User { of: cx.me });
    }
    Ok(())
}

fn tell(cx: &mut Writing<'_>, person: UserId) -> Rpc<tl::Updates> {
    cx.outbox.tell(cx.me, Notice::User { of: person });
    let settings = types::UpdatePeerSettings {
        peer: render::peer(person.into()),
        settings: types::PeerSettings::default().into(),
    };
    let mut peers = Peers::default();
    peers.mention_user(person);
    render::updates(cx.mine(), vec![settings.into()], &peers)
}
