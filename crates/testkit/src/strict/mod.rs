//! A reader that knows one layer and nothing else, as a client does, and a writer of its requests.
//!
//! It interprets the lines of the history file and shares nothing with the translation between
//! layers that it judges: what a client of some layer is sent is read with the definitions that are
//! current in that layer alone. An id that the layer has not, a constructor of another type, a flag
//! bit without a field, bytes that are left over: each is a [`Mismatch`] with the path to the spot.
//!
//! [`Schema::read_result`] and [`Schema::read_updates`] read, [`Schema::call`] writes, and a
//! [`Sampler`] writes requests that nobody would think of.

mod history;
mod loss;
mod read;
mod sample;
mod schema;
mod value;
mod write;

#[cfg(test)]
mod tests;

pub use read::Mismatch;
pub use sample::{Known, Sampler};
pub use schema::Schema;
pub use value::{Object, Value, object};
