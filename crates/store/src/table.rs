//! A table is a type: its name, its place in the key space, its key and its value.

use crate::key::decode_key;
use crate::{Key, Record, StoreError};

/// One table. The type itself is only a name and is never constructed.
///
/// ```
/// use heliogram_ids::{ChannelId, MessageId};
/// use heliogram_store::Table;
///
/// /// Text of every message of every channel, in posting order.
/// enum ChannelMessages {}
/// impl Table for ChannelMessages {
///     const NAME: &'static str = "channel_messages";
///     const ID: u16 = 20;
///     type Key = (ChannelId, MessageId);
///     type Value = String;
/// }
/// ```
pub trait Table: 'static {
    /// Stable name, for people and for the check at start that an id kept its meaning.
    const NAME: &'static str;
    /// Prefix of every key of the table. Ids below [`TableRow::FIRST_ID`] are the store's own.
    const ID: u16;
    /// What rows are found and sorted by.
    type Key: Key;
    /// What a row holds.
    type Value: Record;
}

/// Key and value of one row of table `T`.
pub type RowOf<T> = (<T as Table>::Key, <T as Table>::Value);

/// A line of the catalogue: see [`catalogue!`](crate::catalogue).
#[derive(Clone, Copy, Debug)]
pub struct TableRow {
    /// The table's key prefix.
    pub id: u16,
    /// The table's stable name.
    pub name: &'static str,
    /// Whether a key, with its prefix, and a value are a row of the table.
    pub(crate) decode: fn(&[u8], &[u8]) -> Result<(), StoreError>,
}

impl TableRow {
    /// The smallest id that a table outside this crate may take.
    pub const FIRST_ID: u16 = 16;

    /// The line of table `T`.
    pub const fn of<T: Table>() -> Self {
        Self { id: T::ID, name: T::NAME, decode: decode::<T> }
    }
}

fn decode<T: Table>(key: &[u8], value: &[u8]) -> Result<(), StoreError> {
    decode_key::<(u16, T::Key)>(key)?;
    T::Value::from_record(value).map(drop)
}

/// Refuses, at compile time, a catalogue in which two tables share an id or an id is reserved.
///
/// # Panics
/// On such a catalogue.
pub const fn assert_unique<const N: usize>(rows: [TableRow; N]) -> [TableRow; N] {
    let mut i = 0;
    while i < N {
        assert!(rows[i].id >= TableRow::FIRST_ID, "this table id is reserved for the store");
        assert!(rows[i].id < u16::MAX, "the last table id has no successor");
        let mut j = 0;
        while j < i {
            assert!(rows[i].id != rows[j].id, "two tables share an id");
            j += 1;
        }
        i += 1;
    }
    rows
}

/// Lists all tables of an application, and refuses to compile if two share an id.
///
/// ```
/// # use heliogram_store::Table;
/// # enum Users {}
/// # impl Table for Users {
/// #     const NAME: &'static str = "users";
/// #     const ID: u16 = 16;
/// #     type Key = u64;
/// #     type Value = String;
/// # }
/// heliogram_store::catalogue! {
///     /// Every table there is.
///     pub const TABLES = [Users];
/// }
/// assert_eq!(TABLES[0].name, "users");
/// ```
#[macro_export]
macro_rules! catalogue {
    ($(#[$meta:meta])* $vis:vis const $name:ident = [$($table:ty),* $(,)?];) => {
        $(#[$meta])*
        $vis const $name: &[$crate::TableRow] = &const {
            $crate::assert_unique([$($crate::TableRow::of::<$table>()),*])
        };
    };
}
