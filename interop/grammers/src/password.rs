//! Setting a password. The library can only give one: its own arithmetic proves the old password
//! here, and what makes the new one is ours.

use grammers_crypto::two_factor_auth::calculate_2fa;
use grammers_tl_types as tl;
use grammers_tl_types::types::PasswordKdfAlgoSha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow as Algorithm;
use hmac::Hmac;
use num_bigint::BigUint;
use serde_json::Value;
use sha2::{Digest as _, Sha256, Sha512};

use crate::actor::Actor;
use crate::trouble::{Told, Trouble};

/// As the algorithm's name has it.
const ITERATIONS: u32 = 100_000;

impl Actor {
    pub(crate) async fn set_password(&mut self, order: &Value) -> Told {
        let tl::enums::account::Password::Password(known) =
            self.client.invoke(&tl::functions::account::GetPassword {}).await?;
        let (new_algo, new_password_hash) = match order["password"].as_str() {
            None => (tl::enums::PasswordKdfAlgo::Unknown, Vec::new()),
            Some(password) => {
                let mut algorithm = algorithm(Some(&known.new_algo))?.clone();
                // The first salt is half the server's, half the client's.
                algorithm.salt1.extend_from_slice(&known.secure_random[..32]);
                let hash = verifier(&algorithm, password);
                (algorithm.into(), hash)
            }
        };
        let new_settings = tl::types::account::PasswordInputSettings {
            new_algo: Some(new_algo),
            new_password_hash: Some(new_password_hash),
            hint: Some(String::new()),
            email: None,
            new_secure_settings: None,
        };
        let password = proof(&known, order["old"].as_str())?;
        let new_settings = new_settings.into();
        self.client
            .invoke(&tl::functions::account::UpdatePasswordSettings { password, new_settings })
            .await?;
        Ok(Value::Null)
    }
}

fn algorithm(known: Option<&tl::enums::PasswordKdfAlgo>) -> Told<&Algorithm> {
    match known {
        Some(tl::enums::PasswordKdfAlgo::Sha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow(
            known,
        )) => Ok(known),
        _ => Err(Trouble::named("an unknown way to make a password")),
    }
}

fn proof(
    known: &tl::types::account::Password,
    old: Option<&str>,
) -> Told<tl::enums::InputCheckPasswordSrp> {
    let (Some(old), Some(srp_b), Some(srp_id)) = (old, &known.srp_b, known.srp_id) else {
        return Ok(tl::enums::InputCheckPasswordSrp::InputCheckPasswordEmpty);
    };
    let Algorithm { salt1, salt2, g, p } = algorithm(known.current_algo.as_ref())?;
    let (m1, a) =
        calculate_2fa(salt1, salt2, p, g, srp_b.clone(), known.secure_random.clone(), old);
    Ok(tl::types::InputCheckPasswordSrp { srp_id, a: a.to_vec(), m1: m1.to_vec() }.into())
}

/// What the server keeps of a password.
// Spec: https://core.telegram.org/api/srp
fn verifier(Algorithm { salt1, salt2, g, p }: &Algorithm, password: &str) -> Vec<u8> {
    let first = salted(&salted(password.as_bytes(), salt1), salt2);
    let mut stretched = [0; 64];
    pbkdf2::pbkdf2::<Hmac<Sha512>>(&first, salt1, ITERATIONS, &mut stretched)
        .expect("the key of an HMAC may have any length");
    let x = BigUint::from_bytes_be(&salted(&stretched, salt2));
    let v = BigUint::from(g.unsigned_abs()).modpow(&x, &BigUint::from_bytes_be(p)).to_bytes_be();
    [vec![0; 256 - v.len()], v].concat()
}

fn salted(data: &[u8], salt: &[u8]) -> Vec<u8> {
    Sha256::digest([salt, data, salt].concat()).to_vec()
}
