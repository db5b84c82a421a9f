//! RSA as the handshake uses it: 2048-bit server keys, known to clients by fingerprint, and two
//! ways of padding.
//!
//! `RSA_PAD` is what the specification asks for today; the older SHA-1 padding is what several
//! clients still send, so the server's half opens both.

mod der;
mod generate;
mod padding;
mod pem;
mod private;
mod public;

pub use padding::{Opened, Padding};
pub use pem::KeyError;
pub use private::{PrivateKey, Refused};
pub use public::PublicKey;
