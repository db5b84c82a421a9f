//! Numbers of 2048 bits as the wire carries them, and powers of them in constant time.

use crypto_bigint::U2048;
use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};

/// A modulus of up to 2048 bits with what Montgomery multiplication precomputes for it.
pub(crate) type Modulus = FixedMontyParams<{ U2048::LIMBS }>;

/// A number modulo a [`Modulus`].
pub(crate) type Residue = FixedMontyForm<{ U2048::LIMBS }>;

/// Reads a big-endian number that may lack leading zeros or have too many of them.
pub(crate) fn parse(bytes: &[u8]) -> Option<U2048> {
    let leading_zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
    let bytes = &bytes[leading_zeros..];
    let mut padded = [0; 256];
    let start = padded.len().checked_sub(bytes.len())?;
    padded[start..].copy_from_slice(bytes);
    Some(U2048::from_be_slice(&padded))
}

/// The number as 256 bytes, big-endian.
pub(crate) fn render(number: &U2048) -> [u8; 256] {
    number.to_be_bytes().as_slice().try_into().expect("2048 bits are 256 bytes")
}

/// `base^exponent` in a time that depends on neither; `base` is less than the modulus.
pub(crate) fn pow(base: &U2048, exponent: &U2048, modulus: &Modulus) -> U2048 {
    Residue::new(base, modulus).pow_amm(exponent).retrieve()
}
