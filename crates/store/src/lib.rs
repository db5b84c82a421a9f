//! Typed tables, transactions and blobs over one ordered key-value engine.
//!
//! Everything durable goes through here. A [`Table`] is a type that names its key and its value;
//! a [`Snapshot`] reads one moment of all tables; a [`Txn`] reads the newest moment and writes.
//! One writer runs every transaction in order and commits whole groups of them with one sync of
//! the disk, so a [`WriteTicket`] completes when the data would survive a power cut, never before.
//! Large files are [`Blobs`], found again by the hash of what they hold.
//!
//! The layers, top down: `store` opens and queues, `writer` commits groups, `txn` and `snapshot`
//! read and write rows, `key`, `range` and `record` turn types into bytes, `engine` keeps bytes.
//! Between `snapshot` and `engine` lies `hot`, the rows that are kept in memory: the writer lays each
//! batch into them at the moment it becomes visible, see `writer::Writer::commit`.

mod table;

pub mod cbor;
mod key;
mod range;
mod record;

mod read;
mod snapshot;
mod txn;

mod check;
mod dump;
mod migrate;
mod options;
mod store;
mod ticket;
mod witness;
mod writer;

mod hot;
mod lock;
mod meta;
mod overlay;
mod watermark;

pub mod blobs;
pub mod engine;

mod error;
mod limits;

pub use blobs::{BlobError, BlobId, Blobs};
pub use check::{check_rows, check_tables};
pub use dump::{Dumped, dump, load};
pub use error::StoreError;
pub use hot::HotTable;
pub use key::{FixedKey, Key, KeyReader};
pub use limits::Limits;
pub use migrate::{FORMAT_VERSION, Migration, Step};
pub use options::{Loss, Options, WriterMode};
pub use range::{ByteRange, KeyRange, Leading, Prefix, Within};
pub use read::{Read, Rows};
pub use record::Record;
pub use snapshot::Snapshot;
pub use store::Store;
pub use table::{RowOf, Table, TableRow, assert_unique};
pub use ticket::WriteTicket;
pub use txn::Txn;
pub use witness::{Commit, Witness};

#[doc(hidden)]
pub mod macros {
    //! What the macros of this crate expand to; not for use by hand.

    pub use crate::record::{from_cbor, to_cbor};
}
