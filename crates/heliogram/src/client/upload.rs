//! `heliogram upload`: one file to one chat, as a document.

use std::path::Path;

use heliogram_client::Client;

use super::progress::bar;
use super::via::{Outcome, connect, explain, run};
use crate::cli::Upload;

/// Uploads a file, sends it, and prints the number of the message.
pub(crate) fn upload(command: Upload) -> Outcome<()> {
    let metadata = std::fs::metadata(&command.file);
    let metadata =
        metadata.map_err(|error| format!("cannot read {}: {error}", command.file.display()))?;
    if !metadata.is_file() {
        return Err(format!("{} is not a file", command.file.display()).into());
    }
    run(async {
        let client = connect(&command.via).await?;
        let outcome = send_file(&client, &command).await;
        client.shutdown().await?;
        outcome
    })
}

async fn send_file(client: &Client, command: &Upload) -> Outcome<()> {
    let refused = |error| explain(error, &command.via, &command.to);
    // Whether there is anybody to send it to is better known before than after the upload.
    let chat = client.resolve(command.to.as_str()).await.map_err(refused)?;

    let file = &command.file;
    let upload = client.upload_file(file).await;
    let upload = upload.map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    let size = std::fs::metadata(file)?.len();
    let bar = bar(Some(size));
    let shown = bar.clone();
    let uploaded = upload.progress(move |through, _| shown.set_position(through)).run().await;
    bar.finish_and_clear();
    let uploaded =
        uploaded.map_err(|error| format!("cannot upload {}: {error}", file.display()))?;

    let sent =
        client.send_document(chat, uploaded, mime_type(file)).caption(command.caption.as_str());
    println!("{}", sent.await.map_err(refused)?.id.get());
    Ok(())
}

/// What the file's name says it is. A hint for the receiver: nobody decides anything by it.
fn mime_type(file: &Path) -> &'static str {
    let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "gif" => "image/gif",
        "htm" | "html" => "text/html",
        "jpeg" | "jpg" => "image/jpeg",
        "json" => "application/json",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        "ogg" | "oga" => "audio/ogg",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "txt" | "md" => "text/plain",
        "webp" => "image/webp",
        "zip" => "application/zip",
        _ => "application/octet-stream",
    }
}
