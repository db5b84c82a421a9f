//! `getFile`: downloads into the bot's folder, where `/file/` serves from.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use heliogram_client::input_peer;
use heliogram_ids::{AccessHash, Peer, Timestamp};
use heliogram_tl as tl;
use tokio::io::AsyncWriteExt;

use crate::account;
use crate::args::Args;
use crate::bots::{Bot, disk};
use crate::error::ApiError;
use crate::file_id::{FileRef, FileType, Location, PhotoSource};
use crate::params;
use crate::reply::{Answer, Success};
use crate::types;

/// `getFile`: where a file can be had.
///
/// The same file keeps the same path while it is kept, for at least an hour.
///
/// # Errors
/// `file_id not specified`, `invalid file_id`, `file is too big`, `wrong file_id or the file is
/// temporarily unavailable`.
pub(super) async fn get_file(bot: &Bot, args: &Args) -> Answer {
    let params = params::GetFile::read(args)?;
    let text = params.file_id.trim();
    if text.is_empty() {
        return Err(ApiError::bad_request("file_id not specified"));
    }
    let invalid = || ApiError::bad_request("invalid file_id");
    let file = FileRef::decode(text).map_err(|_| invalid())?;
    let stem = stem(&file).ok_or_else(invalid)?;
    let folder = bot.folder().join(file.file_type.folder());

    let named = match &file.location {
        Location::Document { id, .. } => bot.account()?.roster().extension(*id),
        _ => None,
    };
    let named = named.map(|extension| format!(".{extension}"));

    let turn = bot.download_turn(&stem).await;
    let path = match kept(&folder, &stem, named.as_deref()) {
        Some(path) => path,
        None => download(bot, &file, &folder, &stem, named.as_deref()).await?,
    };
    drop(turn);

    let size = std::fs::metadata(&path).map_err(|error| disk(&error))?.len();
    let shown = if bot.options().local {
        std::path::absolute(&path).map_err(|error| disk(&error))?
    } else {
        path.strip_prefix(bot.folder()).map(Path::to_owned).unwrap_or_default()
    };
    Success::of(&types::File {
        file_id: text.to_owned(),
        file_unique_id: file.unique_id(),
        file_size: i64::try_from(size).ok(),
        file_path: Some(shown.to_string_lossy().into_owned()),
    })
}

/// The name of a download without its extension: by what it is, so that it is found again.
fn stem(file: &FileRef) -> Option<String> {
    match &file.location {
        Location::Document { id, .. } => Some(format!("file_{}", id.cast_unsigned())),
        Location::Photo { id, source, .. } => {
            let id = id.cast_unsigned();
            match source {
                PhotoSource::Thumbnail { letter, .. } if letter.is_ascii_alphanumeric() => {
                    // Letters that differ in case alone are one file on some systems.
                    Some(format!("file_{id}_{letter}"))
                }
                PhotoSource::Dialog { big, dialog_id, .. } => {
                    Some(format!("file_{id}_{}_{}", dialog_id.unsigned_abs(), u8::from(*big)))
                }
                _ => None,
            }
        }
        Location::Web { .. } => None,
    }
}

/// The download of an earlier call.
fn kept(folder: &Path, stem: &str, named: Option<&str>) -> Option<PathBuf> {
    let extensions = named.into_iter().chain(EXTENSIONS.iter().copied());
    let mut names = extensions.map(|extension| folder.join(format!("{stem}{extension}")));
    names.find(|path| path.is_file())
}

async fn download(
    bot: &Bot,
    file: &FileRef,
    folder: &Path,
    stem: &str,
    named: Option<&str>,
) -> Result<PathBuf, ApiError> {
    std::fs::create_dir_all(folder).map_err(|error| disk(&error))?;
    sweep(folder, bot.now());
    let temp = tempfile::NamedTempFile::new_in(folder).map_err(|error| disk(&error))?;
    let temp = temp.into_temp_path();
    let mut target = tokio::fs::File::create(&temp).await.map_err(|error| disk(&error))?;
    let limit =
        if bot.options().local { u64::MAX } else { bot.options().limits.download_bytes_max };
    let location = location(file)?;
    let mut download = bot.account()?.client().download(location, None);
    let mut head = Vec::new();
    while let Some(chunk) = download.chunk().await.map_err(|error| account::download(&error))? {
        if download.position() > limit {
            return Err(ApiError::bad_request("file is too big"));
        }
        if head.len() < HEAD_BYTES {
            head.extend_from_slice(chunk.get(..HEAD_BYTES.min(chunk.len())).unwrap_or_default());
        }
        target.write_all(&chunk).await.map_err(|error| disk(&error))?;
    }
    target.flush().await.map_err(|error| disk(&error))?;
    let extension = named.unwrap_or_else(|| extension(file.file_type, &head));
    let path = folder.join(format!("{stem}{extension}"));
    temp.persist(&path).map_err(|error| disk(&error.error))?;
    Ok(path)
}

/// How the data centre is asked for a file.
fn location(file: &FileRef) -> Result<tl::InputFileLocation, ApiError> {
    let unavailable =
        || ApiError::bad_request("wrong file_id or the file is temporarily unavailable");
    let file_reference = tl::Bytes::copy_from_slice(&file.file_reference);
    let letter = |letter: u8| tl::Str::from(char::from(letter).to_string());
    Ok(match &file.location {
        Location::Document { id, access_hash } => tl::types::InputDocumentFileLocation {
            id: *id,
            access_hash: *access_hash,
            file_reference,
            thumb_size: tl::Str::new(),
        }
        .into(),
        Location::Photo { id, access_hash, source } => match source {
            PhotoSource::Thumbnail { file_type: FileType::Photo, letter: size } => {
                tl::types::InputPhotoFileLocation {
                    id: *id,
                    access_hash: *access_hash,
                    file_reference,
                    thumb_size: letter(*size),
                }
                .into()
            }
            PhotoSource::Thumbnail { letter: size, .. } => tl::types::InputDocumentFileLocation {
                id: *id,
                access_hash: *access_hash,
                file_reference,
                thumb_size: letter(*size),
            }
            .into(),
            PhotoSource::Dialog { big, dialog_id, access_hash } => {
                let peer = Peer::from_marked(*dialog_id).ok_or_else(unavailable)?;
                let peer = input_peer(peer, AccessHash(*access_hash));
                tl::types::InputPeerPhotoFileLocation { big: *big, peer, photo_id: *id }.into()
            }
            _ => return Err(unavailable()),
        },
        Location::Web { .. } => return Err(unavailable()),
    })
}

/// The extension that the content calls for, or the use of the file.
fn extension(file_type: FileType, head: &[u8]) -> &'static str {
    match (file_type, head) {
        (_, [0xff, 0xd8, 0xff, ..]) => ".jpg",
        (_, [0x89, b'P', b'N', b'G', ..]) => ".png",
        (_, [b'G', b'I', b'F', b'8', ..]) => ".gif",
        (_, [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..]) => ".webp",
        (_, [b'%', b'P', b'D', b'F', ..]) => ".pdf",
        (FileType::VoiceNote, _) => ".oga",
        (_, [b'O', b'g', b'g', b'S', ..]) => ".ogg",
        (FileType::Audio, [_, _, _, _, b'f', b't', b'y', b'p', ..]) => ".m4a",
        (_, [_, _, _, _, b'f', b't', b'y', b'p', ..]) => ".mp4",
        (_, [b'I', b'D', b'3', ..]) | (FileType::Audio, _) => ".mp3",
        (FileType::Video | FileType::VideoNote | FileType::Animation, _) => ".mp4",
        (FileType::Sticker, [0x1f, 0x8b, ..]) => ".tgs",
        (_, [0x1a, 0x45, 0xdf, 0xa3, ..]) => ".webm",
        (_, [b'P', b'K', 3, 4, ..]) => ".zip",
        _ => "",
    }
}

const EXTENSIONS: &[&str] = &[
    "", ".jpg", ".png", ".gif", ".webp", ".pdf", ".oga", ".ogg", ".m4a", ".mp4", ".mp3", ".tgs",
    ".webm", ".zip",
];
const HEAD_BYTES: usize = 16;

/// Removes downloads that are a day old. Nobody is hurt by one that stays.
fn sweep(folder: &Path, now: Timestamp) {
    let now = SystemTime::UNIX_EPOCH + Duration::from_nanos(now.nanos());
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let age = modified.ok().and_then(|modified| now.duration_since(modified).ok());
        if age.is_some_and(|age| age > KEPT_FOR)
            && let Err(error) = std::fs::remove_file(entry.path())
        {
            tracing::debug!(%error, "an old download stays");
        }
    }
}

const KEPT_FOR: Duration = Duration::from_secs(24 * 3600);

#[cfg(test)]
mod tests {
    use super::*;

    fn photo(letter: u8) -> FileRef {
        FileRef {
            file_type: FileType::Photo,
            dc_id: 2,
            file_reference: vec![1],
            location: Location::Photo {
                id: -1,
                access_hash: 7,
                source: PhotoSource::Thumbnail { file_type: FileType::Photo, letter },
            },
        }
    }

    #[test]
    fn a_download_is_found_again_by_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let stem = stem(&photo(b'm')).unwrap();
        assert_eq!(stem, format!("file_{}_109", u64::MAX));
        assert_eq!(kept(folder.path(), &stem, None), None);
        let path = folder.path().join(format!("{stem}.jpg"));
        std::fs::write(&path, b"x").unwrap();
        assert_eq!(kept(folder.path(), &stem, None), Some(path));
    }

    #[test]
    fn every_extension_that_is_given_is_looked_for() {
        let heads: &[&[u8]] = &[
            b"\xff\xd8\xff",
            b"\x89PNG",
            b"GIF89a",
            b"RIFF1234WEBP",
            b"%PDF",
            b"OggS",
            b"1234ftyp",
            b"ID3",
            b"\x1f\x8b",
            b"\x1a\x45\xdf\xa3",
            b"PK\x03\x04",
            b"",
        ];
        for head in heads {
            for file_type in
                [FileType::Document, FileType::Audio, FileType::VoiceNote, FileType::Sticker]
            {
                assert!(EXTENSIONS.contains(&extension(file_type, head)));
            }
        }
        assert_eq!(extension(FileType::Photo, b"\xff\xd8\xff\xe0"), ".jpg");
    }

    #[test]
    fn a_size_of_a_photo_is_asked_for_by_its_letter() {
        let tl::InputFileLocation::InputPhotoFileLocation(found) = location(&photo(b'x')).unwrap()
        else {
            panic!("a photo is fetched as one");
        };
        assert_eq!((found.id, &*found.thumb_size), (-1, "x"));
    }
}
