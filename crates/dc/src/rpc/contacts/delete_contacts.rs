//! `contacts.deleteContacts`.

use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Writing;
use crate::domain::contacts;
use crate::error::Rpc;
use crate::fanout::Notice;
use crate::render::{self, Peers};
use crate::rpc::input;

/// `contacts.deleteContacts`: takes people out of the address book.
///
/// # Errors
/// `USER_ID_INVALID`.
pub(super) fn delete_contacts(
    cx: &mut Writing<'_>,
    req: tl::contacts::DeleteContacts,
) -> Rpc<tl::Updates> {
    let mut settings: Vec<tl::Update> = Vec::new();
    let mut peers = Peers::default();
    for named in &req.id {
        let person = input::user(cx, named)?;
        if contacts::forget(cx.db, cx.me, person)? {
            cx.outbox.tell(cx.me, Notice::User { of: person });
            peers.mention_user(person);
            let update = types::UpdatePeerSettings {
                peer: render::peer(person.into()),
                settings: types::PeerSettings::default().into(),
            };
            settings.push(update.into());
        }
    }
    render::updates(cx.mine(), settings, &peers)
}
