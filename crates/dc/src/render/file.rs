//! Photos and documents to TL.

use heliogram_ids::FileId;
use heliogram_tl as tl;
use heliogram_tl::types;

use super::Viewer;
use crate::domain::access::Target;
use crate::domain::homes;
use crate::record::{DocumentAttribute, DocumentRow, PhotoRow, PhotoSize};

/// A `photo` with all its sizes.
pub(crate) fn photo(viewer: Viewer<'_>, id: FileId, row: &PhotoRow) -> tl::Photo {
    let target = Target::Photo(id);
    types::Photo {
        id: id.get(),
        access_hash: viewer.access_hash(target).get(),
        file_reference: viewer.world.access.reference(viewer.me, target).into(),
        date: row.date,
        sizes: sizes(row.stripped.as_deref(), &row.sizes),
        dc_id: homes::of_file(&viewer.world.config, row.dc).get(),
        ..Default::default()
    }
    .into()
}

/// A `document` with its attributes and thumbnails.
pub(crate) fn document(viewer: Viewer<'_>, id: FileId, row: &DocumentRow) -> tl::Document {
    let target = Target::Document(id);
    types::Document {
        id: id.get(),
        access_hash: viewer.access_hash(target).get(),
        file_reference: viewer.world.access.reference(viewer.me, target).into(),
        date: row.date,
        mime_type: (&row.mime_type).into(),
        size: i64::try_from(row.blob.len).unwrap_or(i64::MAX),
        thumbs: (!row.thumbs.is_empty()).then(|| sizes(row.stripped.as_deref(), &row.thumbs)),
        dc_id: homes::of_file(&viewer.world.config, row.dc).get(),
        attributes: row.attributes.iter().map(attribute).collect(),
        ..Default::default()
    }
    .into()
}

/// The hint that needs no download, then the sizes that do.
fn sizes(stripped: Option<&[u8]>, stored: &[PhotoSize]) -> Vec<tl::PhotoSize> {
    let hint = stripped.map(|bytes| {
        let bytes = bytes.to_vec().into();
        types::PhotoStrippedSize { r#type: "i".into(), bytes }.into()
    });
    hint.into_iter().chain(stored.iter().map(size)).collect()
}

fn size(size: &PhotoSize) -> tl::PhotoSize {
    types::PhotoSize {
        r#type: (&size.letter).into(),
        w: size.width,
        h: size.height,
        size: i32::try_from(size.blob.len).unwrap_or(i32::MAX),
    }
    .into()
}

fn attribute(attribute: &DocumentAttribute) -> tl::DocumentAttribute {
    match attribute {
        DocumentAttribute::Filename(name) => {
            types::DocumentAttributeFilename { file_name: name.into() }.into()
        }
        DocumentAttribute::ImageSize(w, h) => {
            types::DocumentAttributeImageSize { w: *w, h: *h }.into()
        }
        DocumentAttribute::Animated => tl::DocumentAttribute::DocumentAttributeAnimated,
        DocumentAttribute::Video {
            duration,
            width,
            height,
            round,
            supports_streaming,
            nosound,
        } => types::DocumentAttributeVideo {
            round_message: *round,
            supports_streaming: *supports_streaming,
            nosound: *nosound,
            duration: f64::from_bits(*duration),
            w: *width,
            h: *height,
            ..Default::default()
        }
        .into(),
        DocumentAttribute::Audio { duration, voice, title, performer, waveform } => {
            types::DocumentAttributeAudio {
                voice: *voice,
                duration: *duration,
                title: title.as_deref().map(tl::Str::from),
                performer: performer.as_deref().map(tl::Str::from),
                waveform: waveform.clone().map(tl::Bytes::from),
            }
            .into()
        }
        DocumentAttribute::Sticker(alt) => types::DocumentAttributeSticker {
            mask: false,
            alt: alt.into(),
            stickerset: tl::InputStickerSet::InputStickerSetEmpty,
            mask_coords: None,
        }
        .into(),
        DocumentAttribute::HasStickers => tl::DocumentAttribute::DocumentAttributeHasStickers,
    }
}
