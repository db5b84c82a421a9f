//! Files that are begun and never finished, and one that is fetched without end.

use std::io;

use heliogram_crypto::Random as _;
use heliogram_net::OsRandom;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::field::{Field, Source};
use crate::raider::Raider;

/// Accounts that upload or download.
const MANY: usize = 16;
/// A part of a file as long as it may be.
const PART_BYTES: usize = 512 << 10;

/// A file of two megabytes on the server, to be fetched by whoever made it.
#[derive(Clone, Copy)]
pub(super) struct Stored;

impl Stored {
    /// Nothing has to be prepared: each raider stores a file of their own, for nobody else may
    /// fetch it.
    pub(super) async fn prepare(_: &Field) -> io::Result<Self> {
        Ok(Self)
    }

    /// Stores the file as a raider's, and says how to ask for a megabyte of it.
    pub(super) async fn shared_with(self, raider: &mut Raider) -> io::Result<tl::upload::GetFile> {
        let failed = |what: String| io::Error::other(what);
        let file_id = OsRandom.i64();
        for file_part in 0..4 {
            let bytes = vec![7; PART_BYTES].into();
            let part = tl::upload::SaveFilePart { file_id, file_part, bytes };
            raider.ask(&part).await?.map_err(failed)?;
        }
        let file = types::InputFile { id: file_id, parts: 4, ..Default::default() };
        let media = types::InputMediaUploadedDocument {
            file: file.into(),
            mime_type: "application/octet-stream".into(),
            ..Default::default()
        };
        let peer = tl::InputPeer::InputPeerSelf;
        let upload = tl::messages::UploadMedia { peer, media: media.into(), ..Default::default() };
        let media = raider.ask(&upload).await?.map_err(failed)?;
        let tl::MessageMedia::MessageMediaDocument(media) = media else {
            return Err(failed("no document".to_owned()));
        };
        let Some(tl::Document::Document(document)) = media.document.as_ref() else {
            return Err(failed("no document".to_owned()));
        };
        let location = types::InputDocumentFileLocation {
            id: document.id,
            access_hash: document.access_hash,
            file_reference: document.file_reference.clone(),
            thumb_size: "".into(),
        };
        let location = location.into();
        Ok(tl::upload::GetFile { location, offset: 0, limit: 1 << 20, ..Default::default() })
    }
}

/// Parts of ever new files. None of them is ever put together.
pub(super) async fn uploads(field: Field) -> io::Result<()> {
    let before = disk_bytes(&field)?;
    field
        .swarm(MANY, |field: Field, number| async move {
            let mut raider = Raider::arrive(&field, Source::of_many(number)).await?;
            raider.log_in(number).await?;
            while !field.is_over() {
                let bytes = vec![7; PART_BYTES].into();
                let part =
                    tl::upload::SaveFilePart { file_id: OsRandom.i64(), file_part: 0, bytes };
                field.tally.tried();
                match raider.ask(&part).await? {
                    Ok(_) => field.tally.got("a part was kept"),
                    Err(error) => field.tally.got(error),
                }
            }
            Ok(())
        })
        .await;
    let grown = disk_bytes(&field)?.saturating_sub(before) >> 20;
    field.tally.got(format!("{grown} MB more on the disk:"));
    let each = heliogram_dc::Limits::DEFAULT.uploads_per_owner_max * PART_BYTES;
    let max = (MANY * each) as u64 >> 20;
    if grown <= max + max / 8 {
        Ok(())
    } else {
        Err(io::Error::other(format!("{grown} MB of unfinished files, where {max} may be")))
    }
}

/// One file, by many.
pub(super) async fn downloads(field: Field) -> io::Result<()> {
    field
        .swarm(MANY, |field: Field, number| async move {
            let mut raider = Raider::arrive(&field, Source::of_many(number)).await?;
            raider.log_in(number).await?;
            let get = Stored::prepare(&field).await?.shared_with(&mut raider).await?;
            while !field.is_over() {
                field.tally.tried();
                match raider.ask(&get).await? {
                    Ok(_) => field.tally.got("a megabyte"),
                    Err(error) => field.tally.got(error),
                }
            }
            Ok(())
        })
        .await;
    Ok(())
}

/// What the server's directory takes.
fn disk_bytes(field: &Field) -> io::Result<u64> {
    fn of(folder: &std::path::Path) -> io::Result<u64> {
        let mut sum = 0;
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            // Something may be gone by now.
            let Ok(metadata) = entry.metadata() else { continue };
            sum += if metadata.is_dir() { of(&entry.path()).unwrap_or(0) } else { metadata.len() };
        }
        Ok(sum)
    }
    of(&field.data)
}
