//! `heliogram download`: the file of one message.

use std::path::{Path, PathBuf};

use heliogram_client::{Client, FileRef};
use heliogram_ids::MessageId;
use heliogram_tl as tl;
use tokio::io::AsyncWriteExt as _;

use super::progress::bar;
use super::via::{Outcome, connect, explain, run};
use crate::cli::Download;

/// Saves the file of a message, and prints where.
pub(crate) fn download(command: Download) -> Outcome<()> {
    run(async {
        let client = connect(&command.via).await?;
        let outcome = fetch(&client, &command).await;
        client.shutdown().await?;
        outcome
    })
}

async fn fetch(client: &Client, command: &Download) -> Outcome<()> {
    let message = find(client, command).await?;
    let file = message.media.as_ref().and_then(FileRef::of_media);
    let file = file.ok_or_else(|| format!("message {} has no file", command.message))?;
    let target = target(command, &file)?;
    save(client, &file, &target).await?;
    println!("{}", target.display());
    Ok(())
}

async fn find(client: &Client, command: &Download) -> Outcome<tl::types::Message> {
    let number = command.message;
    let missing = || format!("`{}` has no message {number}", command.from);
    let id = MessageId::new(number).ok_or_else(missing)?;
    // The page that ends with it: unlike a request by number it stays within the chat.
    let before = number.checked_add(1).and_then(MessageId::new);
    let page = client.history(command.from.as_str(), before, 1).await;
    let page = page.map_err(|error| explain(error, &command.via, &command.from))?;
    let found = page.messages.into_iter().find_map(|message| match message {
        tl::Message::Message(message) if message.id == id.get() => Some(*message),
        _ => None,
    });
    Ok(found.ok_or_else(missing)?)
}

/// Where to put the file. Only what was asked for by name is overwritten.
fn target(command: &Download, file: &FileRef) -> Outcome<PathBuf> {
    let own = own_name(file, command.message);
    let target = match &command.to {
        Some(to) if to.is_dir() => to.join(own),
        Some(to) => return Ok(to.clone()),
        None => PathBuf::from(own),
    };
    if target.exists() {
        return Err(
            format!("{} exists; say where to save the file with --to", target.display()).into()
        );
    }
    Ok(target)
}

/// The name that the sender gave, as far as it can do no harm here.
fn own_name(file: &FileRef, message: i32) -> String {
    let given = file.name.as_deref().unwrap_or_default().replace('\\', "/");
    let name = Path::new(&given).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let name: String = name.trim_start_matches('.').chars().filter(|c| !c.is_control()).collect();
    match (name.trim(), file.mime_type.as_str()) {
        ("", "image/jpeg") => format!("{message}.jpg"),
        ("", _) => format!("{message}.bin"),
        (name, _) => name.to_owned(),
    }
}

/// Under another name until it is whole.
async fn save(client: &Client, file: &FileRef, target: &Path) -> Outcome<()> {
    let mut part = target.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let saved = write(client, file, &part).await;
    if saved.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    saved?;
    Ok(std::fs::rename(&part, target)
        .map_err(|error| format!("cannot write {}: {error}", target.display()))?)
}

async fn write(client: &Client, file: &FileRef, path: &Path) -> Outcome<()> {
    let opened = tokio::fs::File::create(path).await;
    let mut target = opened.map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    let bar = bar(file.size);
    let shown = bar.clone();
    let mut download =
        client.download_file(file).progress(move |through, _| shown.set_position(through));
    let written = download.write_to(&mut target).await;
    bar.finish_and_clear();
    written?;
    target.flush().await?;
    Ok(target.sync_all().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: &str) {
        let file = FileRef {
            location: tl::types::InputDocumentFileLocation::default().into(),
            size: None,
            name: Some(name.to_owned()),
            mime_type: String::new(),
        };
        assert_eq!(own_name(&file, 7), expected);
    }

    #[test]
    fn a_senders_name_stays_in_this_directory() {
        check("report.pdf", "report.pdf");
        check("../../etc/passwd", "passwd");
        check("/etc/passwd", "passwd");
        check("C:\\Windows\\win.ini", "win.ini");
        check(".bashrc", "bashrc");
        check("..", "7.bin");
        check("a\u{1b}[2Jb", "a[2Jb");
        check("", "7.bin");
    }
}
