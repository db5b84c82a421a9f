//! The server's half: a challenge per question for the password, and the check of the answer.

use std::fmt;

use crypto_bigint::U2048;
use zeroize::Zeroize;

use super::password::{Params, evidence, multiplier, scrambler};
use crate::bignum::{self, Residue};
use crate::dh::{Exponent, Group, Refused};
use crate::{Random, constant_time_eq};

/// Reads the verifier a client wants to be known by, which must be an element of the group.
pub fn parse_verifier(bytes: &[u8], params: &Params) -> Result<[u8; 256], Refused> {
    params.group()?.parse_public(bytes).map(|verifier| bignum::render(&verifier))
}

/// One question for the password; the answer is good for this challenge alone.
pub struct Challenge {
    params: Params,
    group: Group,
    verifier: U2048,
    exponent: Exponent,
    srp_b: [u8; 256],
}

impl Challenge {
    /// Draws a challenge for whoever set `verifier`.
    pub fn new(
        verifier: &[u8; 256],
        params: &Params,
        rng: &mut dyn Random,
    ) -> Result<Self, Refused> {
        let group = params.group()?;
        let verifier = group.parse_public(verifier)?;
        let exponent = group.exponent(rng);
        let power = residue(&exponent.public(), &group);
        let masked = multiplier(&group).mul(&Residue::new(&verifier, group.modulus()));
        let srp_b = bignum::render(&masked.add(&power).retrieve());
        Ok(Self { params: params.clone(), group, verifier, exponent, srp_b })
    }

    /// The server's public value, the `srp_B` of `account.password`.
    pub fn srp_b(&self) -> &[u8; 256] {
        &self.srp_b
    }

    /// Whether `m1` proves the password, `a` being the client's public value.
    ///
    /// A public value that would make the shared number known in advance proves nothing.
    pub fn check(&self, a: &[u8], m1: &[u8]) -> bool {
        let Ok(client_public) = self.group.parse_public(a) else { return false };
        let a = bignum::render(&client_public);
        let modulus = self.group.modulus();
        let power = Residue::new(&self.verifier, modulus).pow(&scrambler(&a, &self.srp_b));
        let base = Residue::new(&client_public, modulus).mul(&power);
        let shared = base.pow_amm(self.exponent.secret()).retrieve();
        constant_time_eq(&evidence(&self.params, &a, &self.srp_b, &shared), m1)
    }
}

impl Drop for Challenge {
    fn drop(&mut self) {
        self.verifier.zeroize();
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Challenge(…)")
    }
}

fn residue(bytes: &[u8; 256], group: &Group) -> Residue {
    Residue::new(&U2048::from_be_slice(bytes), group.modulus())
}

#[cfg(test)]
mod tests {
    use super::super::password::tests::params;
    use super::super::{prove, verifier};
    use super::*;
    use crate::SeededRandom;
    use crate::dh::PRIME;

    #[test]
    fn the_password_passes_and_nothing_else_does() {
        let mut rng = SeededRandom::new(10);
        let params = params();
        let verifier = verifier("correct horse", &params).unwrap();
        let challenge = Challenge::new(&verifier, &params, &mut rng).unwrap();

        let proof = prove("correct horse", &params, challenge.srp_b(), &mut rng).unwrap();
        assert!(challenge.check(&proof.a, &proof.m1));
        assert!(!challenge.check(&proof.a, &[0; 32]));
        assert!(!challenge.check(&proof.a, &proof.m1[..31]));

        let wrong = prove("correct horsf", &params, challenge.srp_b(), &mut rng).unwrap();
        assert!(!challenge.check(&wrong.a, &wrong.m1));

        let other = Challenge::new(&verifier, &params, &mut rng).unwrap();
        assert!(!other.check(&proof.a, &proof.m1), "a proof is good for one challenge");
    }

    #[test]
    fn public_values_that_fix_the_shared_number_prove_nothing() {
        let mut rng = SeededRandom::new(11);
        let params = params();
        let verifier = verifier("secret", &params).unwrap();
        let challenge = Challenge::new(&verifier, &params, &mut rng).unwrap();
        // With A = 0 modulo p the shared number is 0 for every password.
        for a in [[0; 256], *PRIME] {
            let m1 = evidence(&params, &a, challenge.srp_b(), &U2048::ZERO);
            assert!(!challenge.check(&a, &m1));
        }
        assert!(prove("secret", &params, &[0; 256], &mut rng).is_err());
        assert!(prove("secret", &params, PRIME, &mut rng).is_err());
    }

    #[test]
    fn verifiers_outside_the_group_are_refused() {
        let params = params();
        assert!(parse_verifier(&[], &params).is_err());
        assert!(parse_verifier(PRIME, &params).is_err());
        assert!(parse_verifier(&[2; 256], &params).is_ok());
        assert!(Challenge::new(&[0; 256], &params, &mut SeededRandom::new(1)).is_err());
    }
}
