//! The vocabulary's ids inside CBOR records.
//!
//! The ids know nothing of CBOR, so a field says `#[cbor(n(0), with = "heliogram_store::cbor")]`.
//! An optional field adds `has_nil`, and may then also be absent from older records.

use heliogram_ids::{
    AccessHash, AuthKeyId, ChannelId, ChatId, DcId, FileId, Layer, MessageId, MsgId, Peer, Pts,
    PtsCount, Qts, RandomId, Salt, SessionId, Timestamp, UserId,
};
use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decoder, Encoder};

/// An id, or an option or a vector of ids, as CBOR.
pub trait Field: Sized {
    /// Appends the value.
    ///
    /// # Errors
    /// Those of the writer.
    fn encode<W: Write>(&self, e: &mut Encoder<W>) -> Result<(), EncodeError<W::Error>>;

    /// Reads the value.
    ///
    /// # Errors
    /// If the CBOR is not such a value.
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError>;

    /// The value that stands for an absent field, if there is one.
    fn nil() -> Option<Self> {
        None
    }

    /// Whether the field may be left out.
    fn is_nil(&self) -> bool {
        false
    }
}

/// For minicbor's `with`: writes any [`Field`].
///
/// # Errors
/// Those of the writer.
pub fn encode<C, T: Field, W: Write>(
    value: &T,
    e: &mut Encoder<W>,
    _cx: &mut C,
) -> Result<(), EncodeError<W::Error>> {
    value.encode(e)
}

/// For minicbor's `with`: reads any [`Field`].
///
/// # Errors
/// If the CBOR is not such a value.
pub fn decode<C, T: Field>(d: &mut Decoder<'_>, _cx: &mut C) -> Result<T, DecodeError> {
    T::decode(d)
}

/// For minicbor's `has_nil`: the value of an absent field.
pub fn nil<T: Field>() -> Option<T> {
    T::nil()
}

/// For minicbor's `has_nil`: whether the field may be left out.
pub fn is_nil<T: Field>(value: &T) -> bool {
    value.is_nil()
}

macro_rules! number {
    ($($id:ty: $raw:ty, |$number:ident| $parse:expr, $get:ident;)*) => {$(
        impl Field for $id {
            fn encode<W: Write>(&self, e: &mut Encoder<W>) -> Result<(), EncodeError<W::Error>> {
                e.encode(self.$get())?.ok()
            }

            fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                let $number: $raw = d.decode()?;
                let id: Option<Self> = $parse;
                id.ok_or_else(|| DecodeError::message(concat!("not a ", stringify!($id))))
            }
        }
    )*};
}

number! {
    AccessHash: i64, |raw| Some(AccessHash(raw)), get;
    AuthKeyId: i64, |raw| Some(AuthKeyId(raw)), get;
    ChannelId: i64, |raw| ChannelId::new(raw), get;
    ChatId: i64, |raw| ChatId::new(raw), get;
    DcId: i32, |raw| DcId::new(raw), get;
    FileId: i64, |raw| Some(FileId(raw)), get;
    Layer: i32, |raw| Layer::new(raw), get;
    MessageId: i32, |raw| MessageId::new(raw), get;
    MsgId: i64, |raw| Some(MsgId(raw)), get;
    Peer: i64, |raw| Peer::from_marked(raw), marked;
    Pts: i32, |raw| Pts::new(raw), get;
    PtsCount: i32, |raw| PtsCount::new(raw), get;
    Qts: i32, |raw| Qts::new(raw), get;
    RandomId: i64, |raw| Some(RandomId(raw)), get;
    Salt: i64, |raw| Some(Salt(raw)), get;
    SessionId: i64, |raw| Some(SessionId(raw)), get;
    Timestamp: u64, |raw| Some(Timestamp::from_nanos(raw)), nanos;
    UserId: i64, |raw| UserId::new(raw), get;
}

impl<T: Field> Field for Option<T> {
    fn encode<W: Write>(&self, e: &mut Encoder<W>) -> Result<(), EncodeError<W::Error>> {
        match self {
            Some(value) => value.encode(e),
            None => e.null()?.ok(),
        }
    }

    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        if d.datatype()? == minicbor::data::Type::Null {
            return d.null().map(|()| None);
        }
        T::decode(d).map(Some)
    }

    fn nil() -> Option<Self> {
        Some(None)
    }

    fn is_nil(&self) -> bool {
        self.is_none()
    }
}

/// Absent when empty, so a list can be added to a record like an optional field.
impl<T: Field> Field for Vec<T> {
    fn encode<W: Write>(&self, e: &mut Encoder<W>) -> Result<(), EncodeError<W::Error>> {
        e.array(self.len() as u64)?;
        self.iter().try_for_each(|value| value.encode(e))
    }

    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let count = d.array()?.ok_or_else(|| DecodeError::message("array without a length"))?;
        (0..count).map(|_| T::decode(d)).collect()
    }

    fn nil() -> Option<Self> {
        Some(Self::new())
    }

    fn is_nil(&self) -> bool {
        self.is_empty()
    }
}

impl<A: Field, B: Field> Field for (A, B) {
    fn encode<W: Write>(&self, e: &mut Encoder<W>) -> Result<(), EncodeError<W::Error>> {
        e.array(2)?;
        self.0.encode(e)?;
        self.1.encode(e)
    }

    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        if d.array()? != Some(2) {
            return Err(DecodeError::message("not a pair"));
        }
        Ok((A::decode(d)?, B::decode(d)?))
    }
}
