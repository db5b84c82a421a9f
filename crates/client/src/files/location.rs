//! Where the file of a message lies.

use heliogram_tl as tl;
use heliogram_tl::PhotoSize;

use super::Download;
use crate::Client;

/// A file of a message: where it lies, and what is known about it.
#[derive(Clone, Debug, PartialEq)]
pub struct FileRef {
    /// What to ask for.
    pub location: tl::InputFileLocation,
    /// Its bytes.
    pub size: Option<u64>,
    /// The name its sender gave it. Not to be trusted as a path.
    pub name: Option<String>,
    /// What its sender said it is.
    pub mime_type: String,
}

impl FileRef {
    /// The file of a medium: a document, or the largest size of a photo.
    pub fn of_media(media: &tl::MessageMedia) -> Option<Self> {
        match media {
            tl::MessageMedia::MessageMediaDocument(media) => {
                Self::of_document(media.document.as_ref()?)
            }
            tl::MessageMedia::MessageMediaPhoto(media) => Self::of_photo(media.photo.as_ref()?),
            tl::MessageMedia::MessageMediaWebPage(media) => match &media.webpage {
                tl::WebPage::WebPage(page) => page
                    .document
                    .as_ref()
                    .and_then(Self::of_document)
                    .or_else(|| page.photo.as_ref().and_then(Self::of_photo)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The file of a document.
    pub fn of_document(document: &tl::Document) -> Option<Self> {
        let tl::Document::Document(document) = document else { return None };
        let name = document.attributes.iter().find_map(|attribute| match attribute {
            tl::DocumentAttribute::DocumentAttributeFilename(named) => {
                Some(named.file_name.to_string())
            }
            _ => None,
        });
        let location = tl::types::InputDocumentFileLocation {
            id: document.id,
            access_hash: document.access_hash,
            file_reference: document.file_reference.clone(),
            thumb_size: tl::Str::new(),
        };
        Some(Self {
            location: location.into(),
            size: u64::try_from(document.size).ok(),
            name,
            mime_type: document.mime_type.to_string(),
        })
    }

    /// The largest size of a photo.
    pub fn of_photo(photo: &tl::Photo) -> Option<Self> {
        let tl::Photo::Photo(photo) = photo else { return None };
        let sizes = photo.sizes.iter().filter_map(measured);
        let (_, size, thumb_size) = sizes.max_by_key(|(area, ..)| *area)?;
        let location = tl::types::InputPhotoFileLocation {
            id: photo.id,
            access_hash: photo.access_hash,
            file_reference: photo.file_reference.clone(),
            thumb_size,
        };
        let mime_type = "image/jpeg".to_owned();
        Some(Self { location: location.into(), size, name: None, mime_type })
    }
}

impl Client {
    /// Downloads a file that a message carries.
    pub fn download_file(&self, file: &FileRef) -> Download {
        self.download(file.location.clone(), file.size)
    }
}

/// Area, bytes and letter of a size that can be downloaded.
fn measured(size: &PhotoSize) -> Option<(i64, Option<u64>, tl::Str)> {
    let area = |w: i32, h: i32| i64::from(w) * i64::from(h);
    match size {
        PhotoSize::PhotoSize(size) => {
            Some((area(size.w, size.h), u64::try_from(size.size).ok(), size.r#type.clone()))
        }
        PhotoSize::PhotoSizeProgressive(size) => {
            let bytes = size.sizes.last().and_then(|bytes| u64::try_from(*bytes).ok());
            Some((area(size.w, size.h), bytes, size.r#type.clone()))
        }
        // Outlines and previews travel within the message.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_size_of_a_photo_is_meant() {
        let size = |letter: &str, w, bytes| {
            tl::types::PhotoSize { r#type: letter.into(), w, h: w, size: bytes }.into()
        };
        let progressive = tl::types::PhotoSizeProgressive {
            r#type: "y".into(),
            w: 1280,
            h: 1280,
            sizes: vec![10, 20, 30],
        };
        let sizes = vec![size("m", 320, 7), progressive.into(), size("x", 800, 9)];
        let photo = tl::types::Photo { id: 5, sizes, ..Default::default() };
        let file = FileRef::of_photo(&photo.into()).unwrap();
        assert_eq!(file.size, Some(30));
        assert!(matches!(
            file.location,
            tl::InputFileLocation::InputPhotoFileLocation(location) if location.thumb_size == "y"
        ));
    }

    #[test]
    fn a_message_without_a_file_has_none() {
        assert_eq!(FileRef::of_media(&tl::MessageMedia::MessageMediaEmpty), None);
    }
}
