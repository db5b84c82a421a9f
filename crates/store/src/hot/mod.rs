//! Hot rows: what was read or written last, kept in memory above the engine.
//!
//! An engine on a disk takes tens of microseconds for a page that is asked for all the time: the
//! newest messages of a dialog, the last rows of an update log. [`HotRows`] keeps such rows, bounded
//! by bytes, and [`HotView`] reads through it, so that a snapshot with it and one without are the
//! same to whoever reads. [`HotTable`] says what of a table is worth keeping.
//!
//! **Why nobody sees too much or too little.** Every entry knows the commit since which it has been
//! as it is. A snapshot believes an entry that has not changed after the snapshot was taken, and only
//! once all of the snapshot's own commits have been laid into the entries; else it asks the engine,
//! which is always right. Whoever reads from the engine may leave an entry behind, unless a later
//! commit has touched its place since.

mod entry;
mod newest;
mod plan;
mod rows;
mod scan;
mod shard;
mod table;
mod view;

pub(crate) use rows::HotRows;
pub use table::HotTable;
pub(crate) use view::HotView;
