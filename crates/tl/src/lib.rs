//! TL wire types of the newest imported layer, and translation between layers.
//!
//! Boxed types are enums (`Peer`, [`messages::Dialogs`]), constructors are structs below [`types`],
//! functions are structs beside the enums ([`messages::SendMessage`]). The service schema of MTProto
//! lives in [`mtproto`] by the same rules.
//!
//! Text and bytes are reference-counted slices of the frame that they were read from, so decoding
//! copies nothing but numbers, and texts so short that counting would cost more.

#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
pub mod layer;
mod wire;

pub use bytes::Bytes;
pub use wire::{
    Bare, Constructor, Decode, DecodeError, Encode, Function, Raw, Reader, Str, VECTOR_ID,
    write_bytes,
};

#[allow(dead_code, missing_docs, unused_variables, unused_mut, unused_qualifications, clippy::all)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/api.rs"));
}
pub use generated::*;

include!(concat!(env!("OUT_DIR"), "/layer.rs"));

/// The service schema: key exchange, acknowledgements, salts, containers' contents.
pub mod mtproto {
    #[allow(
        dead_code,
        missing_docs,
        unused_variables,
        unused_mut,
        unused_qualifications,
        clippy::all
    )]
    mod generated {
        include!(concat!(env!("OUT_DIR"), "/mtproto.rs"));
    }
    pub use generated::*;

    #[cfg(test)]
    mod tests;
}
