//! A file that somebody has sent to themselves, for those who download it.

use heliogram_client::{Client, FileRef, LoginStep};
use heliogram_crypto::{Random as _, SeededRandom};
use heliogram_tl as tl;
use tokio::runtime::Runtime;

use super::cloud::{CODE, Cloud, Person, dc_id};
use crate::Trouble;

/// Bytes that cannot be packed.
pub(super) fn content(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    SeededRandom::new(3).fill(&mut bytes);
    bytes
}

/// Uploads a file and sends it, from somebody to themselves.
pub(super) fn to_oneself(cloud: &Cloud, person: &Person, bytes: &[u8]) -> Result<FileRef, Trouble> {
    let runtime = Runtime::new()?;
    runtime.block_on(async {
        let client = device(cloud, person).await?;
        let upload = client.upload(bytes, Some(bytes.len() as u64), "bench.bin").run().await?;
        let to = person.username.as_str();
        client.send_document(to, upload, "application/octet-stream").await?;
        newest(&client, to).await
    })
}

/// A client of the framework, logged in over a socket.
pub(super) async fn device(cloud: &Cloud, person: &Person) -> Result<Client, Trouble> {
    let address = cloud.address.to_string();
    let client =
        Client::builder().api(1, "hash").dc_at(dc_id()?, address, [cloud.key()?]).connect().await?;
    let LoginStep::Code(code) = client.login_phone(&person.phone).await? else {
        return Err("no code is asked for".into());
    };
    match code.submit(CODE).await? {
        LoginStep::Done(_) => Ok(client),
        other => Err(format!("more than a code is asked for: {other:?}").into()),
    }
}

/// The file of the newest message of a chat.
pub(super) async fn newest(client: &Client, chat: &str) -> Result<FileRef, Trouble> {
    let page = client.history(chat, None, 1).await?;
    let Some(tl::Message::Message(message)) = page.messages.first() else {
        return Err("nothing was sent".into());
    };
    let file = message.media.as_ref().and_then(FileRef::of_media);
    file.ok_or_else(|| "nothing to download was sent".into())
}
