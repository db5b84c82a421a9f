//! The client's half: proving knowledge of a password to a server that must not learn it.

use crypto_bigint::{U256, U512};
use zeroize::{Zeroize, Zeroizing};

use super::password::{Params, evidence, multiplier, password_hash, scrambler};
use crate::Random;
use crate::bignum::{self, Residue};
use crate::dh::Refused;

/// The two values of `inputCheckPasswordSRP`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The client's public value, `A`.
    pub a: [u8; 256],
    /// The evidence, `M1`.
    pub m1: [u8; 32],
}

/// Answers the challenge `srp_b` of a server with the password.
///
/// Takes about a tenth of a second. A wrong password gives a well-formed proof that the server
/// will not accept; only numbers that would expose the password are refused here.
pub fn prove(
    password: &str,
    params: &Params,
    srp_b: &[u8],
    rng: &mut dyn Random,
) -> Result<Proof, Refused> {
    let group = params.group()?;
    let modulus = group.modulus();
    let server_public = group.parse_public(srp_b)?;
    let exponent = group.exponent(rng);
    let (a, b) = (exponent.public(), bignum::render(&server_public));

    let mut x = U256::from_be_slice(&*Zeroizing::new(password_hash(password, params)));
    let mut u_x: U512 = scrambler(&a, &b).concatenating_mul(&x);
    let verifier = Residue::new(&group.generator(), modulus).pow(&x);
    let base = Residue::new(&server_public, modulus).sub(&multiplier(&group).mul(&verifier));
    // base^(a + u·x), as two powers because the sum may need one bit too many.
    let shared = base.pow_amm(exponent.secret()).mul(&base.pow(&u_x));
    x.zeroize();
    u_x.zeroize();

    let m1 = evidence(params, &a, &b, &shared.retrieve());
    Ok(Proof { a, m1 })
}
