//! What the server says of an account when it is asked: every chat, every message.

use std::collections::BTreeMap;

use heliogram_client::{Client, InvokeError};
use heliogram_tl as tl;

use crate::sim::people::{id_of, plain};
use crate::sim::play::Stage;

/// An account as one of its sessions is shown it.
#[derive(Debug, Default)]
pub(super) struct Truth {
    pub(super) messages: BTreeMap<i32, tl::Message>,
    pub(super) dialogs: BTreeMap<i64, Box<tl::types::Dialog>>,
    pub(super) name: String,
}

/// Asks for everything.
///
/// # Errors
/// In words, if there is nobody to ask, or no answer.
pub(super) async fn of(stage: &Stage, person: usize) -> Result<Truth, String> {
    let client = {
        let seats = stage.seats.lock();
        let seat = seats.iter().flatten().find(|seat| seat.person == person);
        seat.map(|seat| seat.client.clone())
    };
    let client = client.ok_or_else(|| format!("nobody is logged in as {person}"))?;
    let read = tokio::time::timeout(std::time::Duration::from_secs(600), read(&client)).await;
    let read = read.map_err(|_| format!("the account of {person} is never shown"))?;
    read.map_err(|error| format!("the account of {person} cannot be read: {error}"))
}

async fn read(client: &Client) -> Result<Truth, InvokeError> {
    let mut truth = Truth { name: name(client).await?, ..Truth::default() };
    let request = tl::messages::GetDialogs {
        offset_peer: tl::InputPeer::InputPeerEmpty,
        limit: 100,
        ..Default::default()
    };
    let (dialogs, users) = match client.invoke(&request).await? {
        tl::messages::Dialogs::Dialogs(all) => (all.dialogs, all.users),
        tl::messages::Dialogs::DialogsSlice(all) => (all.dialogs, all.users),
        tl::messages::Dialogs::DialogsNotModified(_) => (Vec::new(), Vec::new()),
    };
    for dialog in dialogs {
        let tl::Dialog::Dialog(dialog) = dialog else { continue };
        let tl::Peer::PeerUser(peer) = &dialog.peer else { continue };
        let chat = peer.user_id;
        history(client, input(chat, &users), &mut truth).await?;
        truth.dialogs.insert(chat, dialog);
    }
    Ok(truth)
}

async fn name(client: &Client) -> Result<String, InvokeError> {
    let me = client.me().await?;
    Ok(me.first_name.map(|name| name.to_string()).unwrap_or_default())
}

/// Reads a chat page by page, so that pages have to fit together as well.
async fn history(
    client: &Client,
    peer: tl::InputPeer,
    truth: &mut Truth,
) -> Result<(), InvokeError> {
    let mut offset_id = 0;
    loop {
        let peer = peer.clone();
        let page = tl::messages::GetHistory { peer, offset_id, limit: PAGE, ..Default::default() };
        let messages = match client.invoke(&page).await? {
            tl::messages::Messages::Messages(page) => page.messages,
            tl::messages::Messages::MessagesSlice(page) => page.messages,
            _ => Vec::new(),
        };
        let Some(oldest) = messages.iter().filter_map(id_of).min() else { return Ok(()) };
        offset_id = oldest;
        truth.messages.extend(messages.into_iter().filter_map(|message| {
            let id = id_of(&message)?;
            Some((id, plain(message)))
        }));
    }
}

fn input(chat: i64, users: &[tl::User]) -> tl::InputPeer {
    let hash = users.iter().find_map(|user| match user {
        tl::User::User(user) if user.id == chat => user.access_hash,
        _ => None,
    });
    tl::types::InputPeerUser { user_id: chat, access_hash: hash.unwrap_or(0) }.into()
}

const PAGE: i32 = 30;
