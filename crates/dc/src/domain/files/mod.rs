//! Files: parts that become blobs, pictures in all their sizes, documents, and the way back down.

pub(crate) mod assemble;
pub(crate) mod document;
pub(crate) mod kind;
pub(crate) mod location;
pub(crate) mod parts;
pub(crate) mod photo;
pub(crate) mod profile;
pub(crate) mod ready;
