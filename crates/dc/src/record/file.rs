//! Photos and documents: what clients are told of them, and where their bytes lie.

use heliogram_ids::{DcId, UserId};
use heliogram_store::{BlobId, record};
use minicbor::{Decode, Encode};

/// One size of a photo or a thumbnail.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) struct PhotoSize {
    /// The letter by which clients ask for it.
    #[n(0)]
    pub(crate) letter: String,
    #[n(1)]
    pub(crate) width: i32,
    #[n(2)]
    pub(crate) height: i32,
    #[cbor(n(3), with = "heliogram_store::cbor")]
    pub(crate) blob: BlobId,
}

/// A photo in all its sizes, the smallest first.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) struct PhotoRow {
    #[n(0)]
    pub(crate) date: i32,
    #[n(1)]
    pub(crate) sizes: Vec<PhotoSize>,
    /// A JPEG of a few dozen pixels without its header, shown while the rest loads.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(crate) stripped: Option<Vec<u8>>,
    #[cbor(n(3), with = "heliogram_store::cbor")]
    pub(crate) uploader: UserId,
    /// The uploader's home at that time.
    #[cbor(n(4), with = "heliogram_store::cbor", has_nil)]
    pub(crate) dc: Option<DcId>,
}
record!(PhotoRow, version = 1);

/// A file of any kind.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) struct DocumentRow {
    #[n(0)]
    pub(crate) date: i32,
    #[n(1)]
    pub(crate) mime_type: String,
    #[cbor(n(2), with = "heliogram_store::cbor")]
    pub(crate) blob: BlobId,
    #[n(3)]
    pub(crate) attributes: Vec<DocumentAttribute>,
    #[n(4)]
    pub(crate) thumbs: Vec<PhotoSize>,
    #[cbor(n(5), with = "heliogram_store::cbor")]
    pub(crate) uploader: UserId,
    /// As in [`PhotoRow`], of the preview.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub(crate) stripped: Option<Vec<u8>>,
    /// As in [`PhotoRow`].
    #[cbor(n(7), with = "heliogram_store::cbor", has_nil)]
    pub(crate) dc: Option<DcId>,
}
record!(DocumentRow, version = 1);

/// What kind of file it is.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) enum DocumentAttribute {
    #[n(0)]
    Filename(#[n(0)] String),
    #[n(1)]
    ImageSize(#[n(0)] i32, #[n(1)] i32),
    #[n(2)]
    Animated,
    #[n(3)]
    Video {
        /// Seconds, by their bits.
        #[n(0)]
        duration: u64,
        #[n(1)]
        width: i32,
        #[n(2)]
        height: i32,
        #[n(3)]
        round: bool,
        #[n(4)]
        supports_streaming: bool,
        #[n(5)]
        nosound: bool,
    },
    #[n(4)]
    Audio {
        #[n(0)]
        duration: i32,
        #[n(1)]
        voice: bool,
        #[n(2)]
        title: Option<String>,
        #[n(3)]
        performer: Option<String>,
        #[cbor(n(4), with = "minicbor::bytes")]
        waveform: Option<Vec<u8>>,
    },
    #[n(5)]
    HasStickers,
    /// A sticker of no set, and the emoji that it stands for.
    #[n(6)]
    Sticker(#[n(0)] String),
}
