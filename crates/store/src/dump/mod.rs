//! All rows as one stream of bytes: what a backup keeps, whatever engine they came from.

mod frame;
mod load;
mod take;

pub use load::load;
pub use take::{Dumped, dump};
