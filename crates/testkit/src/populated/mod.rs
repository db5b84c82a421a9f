//! An account that has everything of which this cloud can hold one.
//!
//! Alice knows Bob and has blocked Carol; a bot of hers has commands and keyboards. The chat with Bob
//! holds every kind of text, media and service message, and her settings are not those of a new
//! account. Whoever reads her account reads every constructor that the server can render.

mod cast;
mod events;
mod keyboards;
mod media;
mod settings;
mod texts;

pub use cast::Cast;

use heliogram_client::InvokeError;
use heliogram_tl as tl;

use crate::{Person, soon};

impl Cast {
    /// Fills the account.
    pub async fn populate(&self) {
        settings::people(self).await;
        texts::send(self).await;
        media::send(self).await;
        keyboards::send(self).await;
        settings::dialogs(self).await;
        settings::account(self).await;
    }

    /// Has everything happen of which a device that is on is told.
    ///
    /// [`Cast::populate`] comes before.
    pub async fn go_on(&self) {
        events::talk(self).await;
        events::press(self).await;
        events::settle(self).await;
    }
}

/// Has somebody call a method that must succeed.
pub(crate) async fn call<F: tl::Function>(person: &Person, request: F) -> F::Return {
    let answer: Result<_, InvokeError> = soon(F::NAME, person.client.invoke(&request)).await;
    answer.unwrap_or_else(|error| panic!("{} of {}: {error}", F::NAME, person.username))
}

/// Somebody as somebody else names them.
pub(crate) async fn peer(of: &Person, whom: &Person) -> tl::InputPeer {
    let found = soon("a name", of.client.resolve(whom.username.as_str())).await;
    found.expect("the username is known")
}

/// The same where a user is due.
pub(crate) async fn user(of: &Person, whom: &Person) -> tl::InputUser {
    match peer(of, whom).await {
        tl::InputPeer::InputPeerUser(user) => {
            let (user_id, access_hash) = (user.user_id, user.access_hash);
            tl::types::InputUser { user_id, access_hash }.into()
        }
        tl::InputPeer::InputPeerSelf => tl::InputUser::InputUserSelf,
        other => panic!("{} is nobody: {other:?}", whom.username),
    }
}

/// The number of the message that a post became.
pub(crate) fn sent(updates: &tl::Updates) -> i32 {
    let tl::Updates::Updates(updates) = updates else { panic!("no batch: {updates:?}") };
    let named = updates.updates.iter().find_map(|update| match update {
        tl::Update::UpdateMessageId(named) => Some(named.id),
        _ => None,
    });
    named.expect("who posts is told the number")
}
