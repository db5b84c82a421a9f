//! SRP-6a as Telegram's cloud password uses it: the password never leaves the client, and what the
//! server stores does not suffice to log in.
//!
//! All numbers enter hashes as 256 bytes; the hash is SHA-256.

mod client;
mod password;
mod server;

pub use client::{Proof, prove};
pub use password::{Params, password_hash, verifier};
pub use server::{Challenge, parse_verifier};
