//! Pictures: taken apart once, on the way in, into the sizes that clients ask for.
//!
//! Every size is encoded anew, so whatever else the uploaded file held, where and when it was taken
//! or worse, is gone. Only its orientation is applied.

mod jpeg;
mod picture;
mod sizes;

pub(crate) use picture::Picture;
pub(crate) use sizes::{Developed, message, profile};

#[cfg(test)]
mod tests;
