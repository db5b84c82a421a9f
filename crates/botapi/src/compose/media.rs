//! Media: what a bot says about a file, as the data centre wants to hear it.

use heliogram_tl as tl;

use super::again::again;
use super::source::{Fresh, Source, source};
use crate::args::InputFile;
use crate::bots::Bot;
use crate::error::ApiError;
use crate::file_id::{FileRef, FileType, Location};

/// A file, and what it is to be sent as.
#[derive(Clone, Debug)]
pub(crate) struct Medium {
    /// What bots call it.
    pub(crate) file_type: FileType,
    pub(crate) file: InputFile,
    pub(crate) thumbnail: Option<InputFile>,
    pub(crate) cover: Option<InputFile>,
    pub(crate) start: Option<i64>,
    /// Attributes besides the file's name.
    pub(crate) attributes: Vec<tl::DocumentAttribute>,
    pub(crate) spoiler: bool,
    /// A document even if it is a picture or a video.
    pub(crate) force_file: bool,
}

impl Medium {
    /// A file with nothing said about it.
    pub(crate) const fn new(file_type: FileType, file: InputFile) -> Self {
        Self {
            file_type,
            file,
            thumbnail: None,
            cover: None,
            start: None,
            attributes: Vec::new(),
            spoiler: false,
            force_file: false,
        }
    }

    /// Uploads what has to be, and names the rest.
    ///
    /// # Errors
    /// Those of [`source`].
    pub(crate) async fn prepare(self, bot: &Bot) -> Result<tl::InputMedia, ApiError> {
        let cover = match &self.cover {
            Some(cover) => Some(photo_of(bot, cover).await?),
            None => None,
        };
        let start = self.start.and_then(|at| i32::try_from(at).ok()).filter(|at| *at > 0);
        match source(bot, &self.file, self.file_type).await? {
            Source::Known(found) if self.file_type == FileType::Photo => {
                let (id, spoiler) = (photo_id(&found)?, self.spoiler);
                Ok(tl::types::InputMediaPhoto { spoiler, id, ..Default::default() }.into())
            }
            Source::Known(found) => Ok(tl::types::InputMediaDocument {
                spoiler: self.spoiler,
                id: document_id(&found)?,
                video_cover: cover,
                video_timestamp: start,
                ..Default::default()
            }
            .into()),
            Source::Fresh(fresh) if self.file_type == FileType::Photo => {
                let (file, spoiler) = (fresh.file, self.spoiler);
                let photo =
                    tl::types::InputMediaUploadedPhoto { spoiler, file, ..Default::default() };
                Ok(photo.into())
            }
            Source::Fresh(fresh) => {
                let thumb = match &self.thumbnail {
                    Some(thumbnail) => thumbnail_of(bot, thumbnail).await?,
                    None => None,
                };
                let document = tl::types::InputMediaUploadedDocument {
                    thumb,
                    video_cover: cover,
                    video_timestamp: start,
                    ..self.uploaded(fresh)
                };
                Ok(document.into())
            }
        }
    }

    fn uploaded(self, fresh: Fresh) -> tl::types::InputMediaUploadedDocument {
        let mime_type = mime_type(self.file_type, &fresh);
        let mut attributes = self.attributes;
        if !fresh.name.is_empty() {
            let file_name = fresh.name.as_str().into();
            attributes.push(tl::types::DocumentAttributeFilename { file_name }.into());
        }
        tl::types::InputMediaUploadedDocument {
            nosound_video: self.file_type == FileType::Animation,
            force_file: self.force_file,
            spoiler: self.spoiler,
            file: fresh.file,
            mime_type: mime_type.as_str().into(),
            attributes,
            ..Default::default()
        }
    }
}

/// Has a medium stored before it is sent: albums consist of stored media alone.
///
/// # Errors
/// As the data centre refuses.
pub(crate) async fn store(
    bot: &Bot,
    peer: &tl::InputPeer,
    media: tl::InputMedia,
) -> Result<tl::InputMedia, ApiError> {
    if matches!(media, tl::InputMedia::InputMediaPhoto(_) | tl::InputMedia::InputMediaDocument(_)) {
        return Ok(media);
    }
    let peer = peer.clone();
    let request = tl::messages::UploadMedia { business_connection_id: None, peer, media };
    let stored = bot.account()?.invoke(&request).await?;
    again(&stored).ok_or_else(|| ApiError::bad_request("group send failed"))
}

async fn photo_of(bot: &Bot, file: &InputFile) -> Result<tl::InputPhoto, ApiError> {
    let photo = Medium::new(FileType::Photo, file.clone());
    let media = Box::pin(photo.prepare(bot)).await?;
    match store(bot, &tl::InputPeer::InputPeerSelf, media).await? {
        tl::InputMedia::InputMediaPhoto(photo) => Ok(photo.id),
        _ => Err(ApiError::bad_request("wrong file identifier/HTTP URL specified")),
    }
}

/// Thumbnails are uploaded with their file; ids and addresses are passed over, as officially.
async fn thumbnail_of(bot: &Bot, file: &InputFile) -> Result<Option<tl::InputFile>, ApiError> {
    if !matches!(file, InputFile::Upload(_)) {
        return Ok(None);
    }
    match source(bot, file, FileType::Thumbnail).await? {
        Source::Fresh(fresh) => Ok(Some(fresh.file)),
        Source::Known(_) => Ok(None),
    }
}

fn photo_id(found: &FileRef) -> Result<tl::InputPhoto, ApiError> {
    let Location::Photo { id, access_hash, .. } = found.location else { return Err(wrong_file()) };
    let file_reference = tl::Bytes::copy_from_slice(&found.file_reference);
    Ok(tl::types::InputPhoto { id, access_hash, file_reference }.into())
}

fn document_id(found: &FileRef) -> Result<tl::InputDocument, ApiError> {
    let Location::Document { id, access_hash } = found.location else { return Err(wrong_file()) };
    let file_reference = tl::Bytes::copy_from_slice(&found.file_reference);
    Ok(tl::types::InputDocument { id, access_hash, file_reference }.into())
}

fn wrong_file() -> ApiError {
    ApiError::bad_request("wrong file identifier/HTTP URL specified")
}

/// What a file is: as its name says, as its source says, or as it is sent.
fn mime_type(file_type: FileType, fresh: &Fresh) -> String {
    let extension = fresh.name.rsplit_once('.').map(|(_, extension)| extension);
    let by_name = extension.and_then(|extension| {
        MIME_TYPES.iter().find(|(own, _)| own.eq_ignore_ascii_case(extension))
    });
    let by_use = match file_type {
        FileType::Video | FileType::VideoNote | FileType::Animation => "video/mp4",
        FileType::Audio => "audio/mpeg",
        FileType::VoiceNote => "audio/ogg",
        FileType::Sticker => "image/webp",
        _ => "application/octet-stream",
    };
    match (by_name, &fresh.mime_type) {
        (Some((_, mime_type)), _) => (*mime_type).to_owned(),
        (None, Some(said)) if said.contains('/') => said.clone(),
        _ => by_use.to_owned(),
    }
}

const MIME_TYPES: &[(&str, &str)] = &[
    ("7z", "application/x-7z-compressed"),
    ("apk", "application/vnd.android.package-archive"),
    ("bmp", "image/bmp"),
    ("csv", "text/csv"),
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("flac", "audio/flac"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("html", "text/html"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("m4a", "audio/mp4"),
    ("mkv", "video/x-matroska"),
    ("mov", "video/quicktime"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("oga", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("opus", "audio/ogg"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("py", "text/x-python"),
    ("rar", "application/vnd.rar"),
    ("svg", "image/svg+xml"),
    ("tgs", "application/x-tgsticker"),
    ("txt", "text/plain"),
    ("wav", "audio/x-wav"),
    ("webm", "video/webm"),
    ("webp", "image/webp"),
    ("xls", "application/vnd.ms-excel"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("xml", "application/xml"),
    ("zip", "application/zip"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(file_type: FileType, name: &str, said: Option<&str>, expected: &str) {
        let fresh = Fresh {
            file: tl::InputFile::default(),
            name: name.to_owned(),
            mime_type: said.map(str::to_owned),
        };
        assert_eq!(mime_type(file_type, &fresh), expected);
    }

    #[test]
    fn a_file_is_what_its_name_says_before_what_others_say() {
        check(FileType::Document, "a.PDF", Some("text/html"), "application/pdf");
        check(FileType::Document, "a", Some("text/html"), "text/html");
        check(FileType::Document, "a", None, "application/octet-stream");
        check(FileType::Animation, "a.gif", None, "image/gif");
        check(FileType::VoiceNote, "", None, "audio/ogg");
    }

    #[test]
    fn an_uploaded_document_carries_its_name() {
        let file = InputFile::Text(String::new());
        let medium = Medium { force_file: true, ..Medium::new(FileType::Document, file) };
        let file = tl::InputFile::default();
        let fresh = Fresh { file, name: "a.txt".to_owned(), mime_type: None };
        let uploaded = medium.uploaded(fresh);
        let name = tl::types::DocumentAttributeFilename { file_name: "a.txt".into() };
        assert_eq!(uploaded.attributes, [name.into()]);
        assert!(uploaded.force_file && !uploaded.nosound_video);
        assert_eq!(&*uploaded.mime_type, "text/plain");
    }
}
