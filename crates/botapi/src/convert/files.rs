//! Photos and documents, under the ids that bots know them by.

use heliogram_tl as tl;

use crate::file_id::{FileRef, FileType, Location, PhotoSource};
use crate::types;

/// A document by what its attributes make of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Animation(types::Animation, types::Document),
    Audio(types::Audio),
    Document(types::Document),
    Sticker(types::Sticker),
    Video(types::Video),
    VideoNote(types::VideoNote),
    Voice(types::Voice),
}

/// Every size of a photo, the smallest first; nothing if the photo is gone.
pub(crate) fn photo_sizes(photo: &tl::Photo) -> Option<Vec<types::PhotoSize>> {
    let tl::Photo::Photo(photo) = photo else { return None };
    let mut sizes: Vec<_> = photo
        .sizes
        .iter()
        .filter_map(measure)
        .map(|size| {
            let source = PhotoSource::Thumbnail { file_type: FileType::Photo, letter: size.letter };
            let id = FileRef {
                file_type: FileType::Photo,
                dc_id: photo.dc_id,
                file_reference: photo.file_reference.to_vec(),
                location: Location::Photo { id: photo.id, access_hash: photo.access_hash, source },
            };
            sized(&id, &size)
        })
        .collect();
    sizes.sort_by_key(|size| size.width * size.height);
    (!sizes.is_empty()).then_some(sizes)
}

/// What a document is; nothing if it is gone.
pub(super) fn document(document: &tl::Document) -> Option<Kind> {
    let tl::Document::Document(document) = document else { return None };
    Some(Facts::read(document).kind(document))
}

/// What the attributes say.
#[derive(Default)]
struct Facts<'a> {
    name: Option<String>,
    animated: bool,
    audio: Option<&'a tl::types::DocumentAttributeAudio>,
    video: Option<&'a tl::types::DocumentAttributeVideo>,
    sticker: Option<&'a tl::types::DocumentAttributeSticker>,
    emoji: Option<&'a tl::types::DocumentAttributeCustomEmoji>,
    size: Option<(i32, i32)>,
}

impl<'a> Facts<'a> {
    fn read(document: &'a tl::types::Document) -> Self {
        use tl::DocumentAttribute as A;
        let mut facts = Self::default();
        for attribute in &document.attributes {
            match attribute {
                A::DocumentAttributeAnimated => facts.animated = true,
                A::DocumentAttributeAudio(audio) => facts.audio = Some(audio),
                A::DocumentAttributeVideo(video) => facts.video = Some(video),
                A::DocumentAttributeSticker(sticker) => facts.sticker = Some(sticker),
                A::DocumentAttributeCustomEmoji(emoji) => facts.emoji = Some(emoji),
                A::DocumentAttributeImageSize(size) => facts.size = Some((size.w, size.h)),
                A::DocumentAttributeFilename(name) => facts.name = Some(name.file_name.to_string()),
                A::DocumentAttributeHasStickers => {}
            }
        }
        facts
    }

    fn kind(self, document: &tl::types::Document) -> Kind {
        if self.sticker.is_some() || self.emoji.is_some() {
            return Kind::Sticker(self.sticker(document));
        }
        if let Some(audio) = self.audio {
            return self.sound(document, audio);
        }
        match self.video {
            Some(video) if video.round_message => Kind::VideoNote(video_note(document, video)),
            _ if self.animated => {
                Kind::Animation(self.animation(document), self.plain(document, FileType::Animation))
            }
            Some(video) => Kind::Video(self.video(document, video)),
            None => Kind::Document(self.plain(document, FileType::Document)),
        }
    }

    fn sound(
        self,
        document: &tl::types::Document,
        audio: &tl::types::DocumentAttributeAudio,
    ) -> Kind {
        let duration = audio.duration.into();
        if audio.voice {
            let (file_id, file_unique_id) = ids(document, FileType::VoiceNote);
            let (mime_type, file_size) = (mime_type(document), Some(document.size));
            let voice = types::Voice { file_id, file_unique_id, duration, mime_type, file_size };
            return Kind::Voice(voice);
        }
        let (file_id, file_unique_id) = ids(document, FileType::Audio);
        let thumbnail = thumbnail(document);
        Kind::Audio(types::Audio {
            file_id,
            file_unique_id,
            duration,
            performer: text(audio.performer.as_ref()),
            title: text(audio.title.as_ref()),
            file_name: self.name,
            mime_type: mime_type(document),
            file_size: Some(document.size),
            thumb: thumbnail.clone(),
            thumbnail,
        })
    }

    fn animation(&self, document: &tl::types::Document) -> types::Animation {
        let (file_id, file_unique_id) = ids(document, FileType::Animation);
        let (width, height) =
            self.video.map(|video| (video.w, video.h)).or(self.size).unwrap_or_default();
        let thumbnail = thumbnail(document);
        types::Animation {
            file_id,
            file_unique_id,
            width: width.into(),
            height: height.into(),
            duration: self.video.map_or(0, |video| seconds(video.duration)),
            file_name: self.name.clone(),
            mime_type: mime_type(document),
            file_size: Some(document.size),
            thumb: thumbnail.clone(),
            thumbnail,
        }
    }

    fn plain(&self, document: &tl::types::Document, file_type: FileType) -> types::Document {
        let (file_id, file_unique_id) = ids(document, file_type);
        let thumbnail = thumbnail(document);
        types::Document {
            file_id,
            file_unique_id,
            file_name: self.name.clone(),
            mime_type: mime_type(document),
            file_size: Some(document.size),
            thumb: thumbnail.clone(),
            thumbnail,
        }
    }

    fn video(
        self,
        document: &tl::types::Document,
        video: &tl::types::DocumentAttributeVideo,
    ) -> types::Video {
        let (file_id, file_unique_id) = ids(document, FileType::Video);
        let thumbnail = thumbnail(document);
        types::Video {
            file_id,
            file_unique_id,
            width: video.w.into(),
            height: video.h.into(),
            duration: seconds(video.duration),
            file_name: self.name,
            mime_type: mime_type(document),
            file_size: Some(document.size),
            thumb: thumbnail.clone(),
            thumbnail,
            ..types::Video::default()
        }
    }

    fn sticker(&self, document: &tl::types::Document) -> types::Sticker {
        let (file_id, file_unique_id) = ids(document, FileType::Sticker);
        let size = self.video.map(|video| (video.w, video.h)).or(self.size);
        let (width, height) = size.unwrap_or((512, 512));
        let thumbnail = thumbnail(document);
        let kind = match (self.emoji, self.sticker) {
            (Some(_), _) => "custom_emoji",
            (_, Some(sticker)) if sticker.mask => "mask",
            _ => "regular",
        };
        let own = || self.sticker.map(|sticker| &sticker.alt);
        let alt = self.emoji.map(|emoji| &emoji.alt).or_else(own);
        types::Sticker {
            file_id,
            file_unique_id,
            r#type: kind.to_owned(),
            width: width.into(),
            height: height.into(),
            is_animated: &*document.mime_type == "application/x-tgsticker",
            is_video: &*document.mime_type == "video/webm",
            emoji: text(alt),
            custom_emoji_id: self.emoji.map(|_| document.id.to_string()),
            needs_repainting: self.emoji.is_some_and(|emoji| emoji.text_color),
            file_size: Some(document.size),
            thumb: thumbnail.clone(),
            thumbnail,
            ..types::Sticker::default()
        }
    }
}

fn video_note(
    document: &tl::types::Document,
    video: &tl::types::DocumentAttributeVideo,
) -> types::VideoNote {
    let (file_id, file_unique_id) = ids(document, FileType::VideoNote);
    let thumbnail = thumbnail(document);
    types::VideoNote {
        file_id,
        file_unique_id,
        length: video.w.into(),
        duration: seconds(video.duration),
        file_size: Some(document.size),
        thumb: thumbnail.clone(),
        thumbnail,
    }
}

fn ids(document: &tl::types::Document, file_type: FileType) -> (String, String) {
    let id = FileRef {
        file_type,
        dc_id: document.dc_id,
        file_reference: document.file_reference.to_vec(),
        location: Location::Document { id: document.id, access_hash: document.access_hash },
    };
    (id.encode(), id.unique_id())
}

/// The largest picture that stands for a document.
fn thumbnail(document: &tl::types::Document) -> Option<Box<types::PhotoSize>> {
    let sizes = document.thumbs.iter().flatten().filter_map(measure);
    let size = sizes.max_by_key(|size| i64::from(size.width) * i64::from(size.height))?;
    let source = PhotoSource::Thumbnail { file_type: FileType::Thumbnail, letter: size.letter };
    let id = FileRef {
        file_type: FileType::Thumbnail,
        dc_id: document.dc_id,
        file_reference: document.file_reference.to_vec(),
        location: Location::Photo { id: document.id, access_hash: document.access_hash, source },
    };
    Some(Box::new(sized(&id, &size)))
}

/// A size that can be fetched.
struct Size {
    letter: u8,
    width: i32,
    height: i32,
    bytes: i64,
}

fn measure(size: &tl::PhotoSize) -> Option<Size> {
    let (letter, width, height, bytes) = match size {
        tl::PhotoSize::PhotoSize(size) => (&size.r#type, size.w, size.h, size.size.into()),
        tl::PhotoSize::PhotoSizeProgressive(size) => {
            let bytes = size.sizes.iter().copied().max().unwrap_or_default();
            (&size.r#type, size.w, size.h, bytes.into())
        }
        tl::PhotoSize::PhotoCachedSize(size) => {
            let bytes = i64::try_from(size.bytes.len()).unwrap_or_default();
            (&size.r#type, size.w, size.h, bytes)
        }
        _ => return None,
    };
    Some(Size { letter: letter.bytes().next()?, width, height, bytes })
}

fn sized(id: &FileRef, size: &Size) -> types::PhotoSize {
    types::PhotoSize {
        file_id: id.encode(),
        file_unique_id: id.unique_id(),
        width: size.width.into(),
        height: size.height.into(),
        file_size: Some(size.bytes),
    }
}

fn mime_type(document: &tl::types::Document) -> Option<String> {
    text(Some(&document.mime_type))
}

fn text(text: Option<&tl::Str>) -> Option<String> {
    text.map(|text| text.to_string()).filter(|text| !text.is_empty())
}

fn seconds(duration: f64) -> i64 {
    // A fraction counts as begun; the value is far within the range of the type.
    duration.max(0.0).ceil() as i64
}
