//! Ranges of rows: from typed bounds to the half-open ranges of bytes that engines scan.

use std::cell::Cell;
use std::ops::{
    Bound, Range, RangeBounds, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive,
};

use crate::{Key, Table};

/// Keys from `start` up to, but not including, `end`; without an end, up to the last key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ByteRange {
    /// The first key inside.
    pub start: Vec<u8>,
    /// The first key beyond.
    pub end: Option<Vec<u8>>,
}

/// A set of neighbouring rows of table `T`.
///
/// Implemented for Rust's own ranges of whole keys, for [`Prefix`] and for [`Within`].
pub trait KeyRange<T: Table> {
    /// The same rows as a range of encoded keys.
    fn to_bytes(&self) -> ByteRange;
}

/// The leading part or parts of a key of type `K`.
pub trait Leading<K>: Key {
    /// The part that follows them.
    type Next: Key;
}

/// All rows whose key begins with the given part, or with a tuple of parts.
#[derive(Clone, Copy, Debug)]
pub struct Prefix<P>(pub P);

/// The rows whose key begins with the given parts, and goes on with a part inside the range.
///
/// `Within(user, ..=message)` of a table keyed by `(UserId, MessageId)` holds that user's messages
/// up to and including `message`.
#[derive(Clone, Copy, Debug)]
pub struct Within<P, R>(pub P, pub R);

impl ByteRange {
    /// Whether no key can lie inside.
    pub fn is_empty(&self) -> bool {
        self.end.as_ref().is_some_and(|end| *end <= self.start)
    }

    /// All keys that begin with `prefix`.
    pub fn prefix(prefix: Vec<u8>) -> Self {
        let end = after_prefix(prefix.clone());
        Self { start: prefix, end }
    }

    /// The keys `prefix` + one part within the bounds + anything.
    fn within<K: Key>(prefix: Vec<u8>, start: Bound<&K>, end: Bound<&K>) -> Self {
        let key = |part: &K| {
            let mut bytes = prefix.clone();
            part.encode(&mut bytes);
            bytes
        };
        Self {
            start: match start {
                Bound::Included(part) => key(part),
                // Only a part of FF bytes alone has no successor, and nothing can follow it.
                Bound::Excluded(part) => after_prefix(key(part)).unwrap_or_else(|| key(part)),
                Bound::Unbounded => prefix.clone(),
            },
            end: match end {
                Bound::Included(part) => after_prefix(key(part)),
                Bound::Excluded(part) => Some(key(part)),
                Bound::Unbounded => after_prefix(prefix.clone()),
            },
        }
    }
}

/// The first key that sorts after everything beginning with `prefix`.
fn after_prefix(mut prefix: Vec<u8>) -> Option<Vec<u8>> {
    while let Some(last) = prefix.pop() {
        if let Some(next) = last.checked_add(1) {
            prefix.push(next);
            return Some(prefix);
        }
    }
    None
}

thread_local! {
    /// Room for one key, which is written for nearly every row that is read.
    static KEY: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Does something with the encoded key of one row.
pub(crate) fn with_row_key<T: Table, R>(key: &T::Key, f: impl FnOnce(&[u8]) -> R) -> R {
    // Who is called within finds no room and makes some; that is slower, and nothing else.
    let mut bytes = KEY.take();
    bytes.clear();
    T::ID.encode(&mut bytes);
    key.encode(&mut bytes);
    let result = f(&bytes);
    KEY.set(bytes);
    result
}

/// The encoded key of one row.
pub(crate) fn row_key<T: Table>(key: &T::Key) -> Vec<u8> {
    with_row_key::<T, _>(key, <[u8]>::to_vec)
}

fn table_prefix<T: Table>() -> Vec<u8> {
    let mut bytes = Vec::with_capacity(32);
    T::ID.encode(&mut bytes);
    bytes
}

macro_rules! whole_keys {
    ($($range:ty),*) => {$(
        impl<T: Table<Key = K>, K: Key> KeyRange<T> for $range {
            fn to_bytes(&self) -> ByteRange {
                ByteRange::within(table_prefix::<T>(), self.start_bound(), self.end_bound())
            }
        }
    )*};
}

whole_keys!(Range<K>, RangeInclusive<K>, RangeFrom<K>, RangeTo<K>, RangeToInclusive<K>);
whole_keys!((Bound<K>, Bound<K>));

impl<T: Table> KeyRange<T> for RangeFull {
    fn to_bytes(&self) -> ByteRange {
        ByteRange::prefix(table_prefix::<T>())
    }
}

impl<T: Table, P: Leading<T::Key>> KeyRange<T> for Prefix<P> {
    fn to_bytes(&self) -> ByteRange {
        let mut bytes = table_prefix::<T>();
        self.0.encode(&mut bytes);
        ByteRange::prefix(bytes)
    }
}

impl<T: Table, P: Leading<T::Key>, R: RangeBounds<P::Next>> KeyRange<T> for Within<P, R> {
    fn to_bytes(&self) -> ByteRange {
        let mut bytes = table_prefix::<T>();
        self.0.encode(&mut bytes);
        ByteRange::within(bytes, self.1.start_bound(), self.1.end_bound())
    }
}

macro_rules! leading {
    ($(<$($part:ident),*> $lead:ty => $next:ident of $key:ty;)*) => {$(
        impl<$($part: Key),*> Leading<$key> for $lead {
            type Next = $next;
        }
    )*};
}

// A single part leads with and without the comma of a one-part tuple.
leading! {
    <A, B> A => B of (A, B);
    <A, B> (A,) => B of (A, B);
    <A, B, C> A => B of (A, B, C);
    <A, B, C> (A,) => B of (A, B, C);
    <A, B, C> (A, B) => C of (A, B, C);
    <A, B, C, D> A => B of (A, B, C, D);
    <A, B, C, D> (A,) => B of (A, B, C, D);
    <A, B, C, D> (A, B) => C of (A, B, C, D);
    <A, B, C, D> (A, B, C) => D of (A, B, C, D);
    <A, B, C, D, E> A => B of (A, B, C, D, E);
    <A, B, C, D, E> (A, B) => C of (A, B, C, D, E);
    <A, B, C, D, E> (A, B, C) => D of (A, B, C, D, E);
    <A, B, C, D, E> (A, B, C, D) => E of (A, B, C, D, E);
}
