//! An audit: everything that is counted, indexed or ordered, worked out anew from the rows and held
//! against what stands written.
//!
//! Nothing here calls the code that wrote the rows, or it would repeat its mistakes.

mod accounts;
mod boxes;
mod dialogs;
mod files;
mod findings;
mod messages;

pub use findings::Audit;
