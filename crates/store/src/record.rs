//! Values as bytes. Our own records carry a version; a plain number or text is its own record.

use crate::key::decode_key;
use crate::{Key, StoreError};

/// A value that a table can hold.
pub trait Record: Sized {
    /// The stored form.
    fn to_record(&self) -> Vec<u8>;

    /// Reads the stored form of this or of an earlier version.
    ///
    /// # Errors
    /// [`StoreError::BadRecord`] if the bytes are no such form.
    fn from_record(bytes: &[u8]) -> Result<Self, StoreError>;
}

/// Makes a type with minicbor's derives a [`Record`]: one version byte, then CBOR.
///
/// When its shape changes incompatibly, the old type keeps its macro line under another name, and
/// the new one names it: then `From<Old>` upgrades what is still stored.
///
/// ```
/// use heliogram_store::{Record, record};
/// use minicbor::{Decode, Encode};
///
/// #[derive(Encode, Decode)]
/// struct NoteV1 { #[n(0)] text: String }
/// record!(NoteV1, version = 1);
///
/// #[derive(Encode, Decode)]
/// struct Note { #[n(0)] title: String, #[n(1)] text: String }
/// record!(Note, version = 2, previous = NoteV1);
/// impl From<NoteV1> for Note {
///     fn from(old: NoteV1) -> Self { Self { title: String::new(), text: old.text } }
/// }
///
/// let stored = NoteV1 { text: "tea".into() }.to_record();
/// assert_eq!(Note::from_record(&stored).unwrap().text, "tea");
/// ```
///
/// Fields may be added without a new version as long as they are optional, as minicbor allows.
#[macro_export]
macro_rules! record {
    ($type:ty, version = $version:literal) => {
        impl $crate::Record for $type {
            fn to_record(&self) -> Vec<u8> {
                $crate::macros::to_cbor($version, self)
            }

            fn from_record(bytes: &[u8]) -> Result<Self, $crate::StoreError> {
                $crate::macros::from_cbor($version, bytes)
            }
        }
    };
    ($type:ty, version = $version:literal, previous = $previous:ty) => {
        impl $crate::Record for $type {
            fn to_record(&self) -> Vec<u8> {
                $crate::macros::to_cbor($version, self)
            }

            fn from_record(bytes: &[u8]) -> Result<Self, $crate::StoreError> {
                if bytes.first() == Some(&$version) {
                    return $crate::macros::from_cbor($version, bytes);
                }
                <$previous as $crate::Record>::from_record(bytes).map(Self::from)
            }
        }
    };
}

/// The version byte and the CBOR form of `value`.
pub fn to_cbor<T: minicbor::Encode<()>>(version: u8, value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(RECORD_BYTES_USUAL);
    bytes.push(version);
    minicbor::encode(value, &mut bytes).expect("writing to a vector cannot fail");
    bytes
}

/// More than most records take, so that few are moved while they are written.
const RECORD_BYTES_USUAL: usize = 256;

/// Reads what [`to_cbor`] wrote with the same version.
///
/// # Errors
/// [`StoreError::BadRecord`] if the version or the shape differs.
pub fn from_cbor<T: for<'b> minicbor::Decode<'b, ()>>(
    version: u8,
    bytes: &[u8],
) -> Result<T, StoreError> {
    let (found, body) =
        bytes.split_first().ok_or_else(|| StoreError::bad_record::<T>("empty value"))?;
    if *found != version {
        let reason = format_args!("version {found}, newest known is {version}");
        return Err(StoreError::bad_record::<T>(reason));
    }
    let mut decoder = minicbor::Decoder::new(body);
    let value = decoder.decode().map_err(StoreError::bad_record::<T>)?;
    if decoder.position() != body.len() {
        return Err(StoreError::bad_record::<T>("bytes after the end"));
    }
    Ok(value)
}

/// Numbers are stored as their key encoding: fixed width, nothing to version.
macro_rules! as_key {
    ($($type:ty),*) => {$(
        impl Record for $type {
            fn to_record(&self) -> Vec<u8> {
                let mut bytes = Vec::new();
                self.encode(&mut bytes);
                bytes
            }

            fn from_record(bytes: &[u8]) -> Result<Self, StoreError> {
                decode_key(bytes).map_err(StoreError::bad_record::<Self>)
            }
        }
    )*};
}

as_key!((), bool, u8, u16, u32, u64, i32, i64);
as_key!(heliogram_ids::UserId, heliogram_ids::ChatId, heliogram_ids::ChannelId);
as_key!(heliogram_ids::MessageId, heliogram_ids::Peer, heliogram_ids::Pts, heliogram_ids::Qts);
as_key!(heliogram_ids::FileId, heliogram_ids::AuthKeyId, heliogram_ids::AccessHash);
as_key!(heliogram_ids::RandomId, heliogram_ids::SessionId, heliogram_ids::Timestamp);

impl<const N: usize> Record for [u8; N] {
    fn to_record(&self) -> Vec<u8> {
        self.to_vec()
    }

    fn from_record(bytes: &[u8]) -> Result<Self, StoreError> {
        bytes.try_into().map_err(StoreError::bad_record::<Self>)
    }
}

impl Record for Vec<u8> {
    fn to_record(&self) -> Vec<u8> {
        self.clone()
    }

    fn from_record(bytes: &[u8]) -> Result<Self, StoreError> {
        Ok(bytes.to_vec())
    }
}

impl Record for String {
    fn to_record(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }

    fn from_record(bytes: &[u8]) -> Result<Self, StoreError> {
        str::from_utf8(bytes).map(Self::from).map_err(StoreError::bad_record::<Self>)
    }
}
