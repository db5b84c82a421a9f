//! Documents: files of any kind, kept as they came, with a preview where there can be one.

use heliogram_ids::{Timestamp, UserId};
use heliogram_store::BlobId;

use super::photo::{Developed, Picture};
use crate::error::Rpc;
use crate::record::{DocumentAttribute, DocumentRow};
use crate::world::World;

/// A document before it has a row, as its uploader describes it.
#[derive(Clone, Debug)]
pub(crate) struct Description {
    pub(crate) blob: BlobId,
    /// The uploader's own preview.
    pub(crate) thumb: Option<BlobId>,
    pub(crate) mime_type: String,
    pub(crate) attributes: Vec<DocumentAttribute>,
    /// It shall be shown as a file, whatever it is.
    pub(crate) force_file: bool,
    /// A video without sound that is no animation.
    pub(crate) nosound_video: bool,
}

/// The row of a new document.
///
/// A preview that cannot be decoded is left out: the file itself is what matters.
pub(crate) fn document(
    world: &World,
    me: UserId,
    now: Timestamp,
    description: Description,
) -> Rpc<DocumentRow> {
    let mime_type = mime_type(&description.mime_type);
    let mut attributes = description.attributes;
    if description.force_file {
        attributes.retain(is_plain);
    }
    if description.nosound_video {
        attributes.iter_mut().for_each(mark_nosound);
    }
    let own =
        if mime_type.starts_with("image/") { picture(world, &description.blob) } else { None };
    if let Some(picture) = &own
        && !attributes.iter().any(|one| matches!(one, DocumentAttribute::ImageSize(..)))
        && let (width, height) = picture.size()
        && let (Ok(width), Ok(height)) = (i32::try_from(width), i32::try_from(height))
    {
        attributes.insert(0, DocumentAttribute::ImageSize(width, height));
    }
    let given = description.thumb.and_then(|thumb| picture(world, &thumb));
    let (thumbs, stripped) =
        match given.or(own).map(|picture| picture.preview(world)).transpose()? {
            Some(Developed { sizes, stripped }) => (sizes, Some(stripped)),
            None => (Vec::new(), None),
        };
    Ok(DocumentRow {
        date: now.unix(),
        mime_type,
        blob: description.blob,
        attributes,
        thumbs,
        uploader: me,
        stripped,
        dc: None,
    })
}

fn picture(world: &World, blob: &BlobId) -> Option<Picture> {
    Picture::decode(world, blob).ok()
}

/// Whether an attribute still makes sense for what is shown as a file.
fn is_plain(attribute: &DocumentAttribute) -> bool {
    matches!(attribute, DocumentAttribute::Filename(_) | DocumentAttribute::ImageSize(..))
}

fn mark_nosound(attribute: &mut DocumentAttribute) {
    if let DocumentAttribute::Video { nosound, .. } = attribute {
        *nosound = true;
    }
}

/// The type if it looks like one; readers put it into headers and file dialogs.
fn mime_type(raw: &str) -> String {
    let lower = raw.trim().to_ascii_lowercase();
    let is_token = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "!#$&^_.+-".contains(c))
    };
    match lower.split_once('/') {
        Some((kind, sort)) if lower.len() <= MIME_BYTES_MAX && is_token(kind) && is_token(sort) => {
            lower
        }
        _ => "application/octet-stream".to_owned(),
    }
}

/// A file name without folders and control characters, not too long; the end, where the kind of the
/// file stands, survives.
pub(crate) fn file_name(raw: &str) -> String {
    let name = raw.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: Vec<char> = name.chars().filter(|c| !c.is_control()).collect();
    let skipped = clean.len().saturating_sub(NAME_CHARS_MAX);
    clean.into_iter().skip(skipped).collect()
}

const MIME_BYTES_MAX: usize = 128;
const NAME_CHARS_MAX: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_that_are_none_become_plain_bytes() {
        let check = |raw: &str, expected: &str| assert_eq!(mime_type(raw), expected, "{raw}");
        check("Image/PNG", "image/png");
        check("application/vnd.ms-excel", "application/vnd.ms-excel");
        for bad in ["", "text", "text/", "/plain", "a/b/c", "text/html\r\nX: y", "text/plain; x=1"]
        {
            check(bad, "application/octet-stream");
        }
    }

    #[test]
    fn file_names_lead_nowhere() {
        let check = |raw: &str, expected: &str| assert_eq!(file_name(raw), expected, "{raw}");
        check("report.pdf", "report.pdf");
        check("../../etc/passwd", "passwd");
        check("C:\\temp\\x\u{7}.txt", "x.txt");
        check(&format!("{}.txt", "a".repeat(300)), &format!("{}.txt", "a".repeat(251)));
    }
}
