//! The half of a server key that opens what clients seal.

use std::fmt;

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{NonZero, Odd, U1024, U2048};
use crypto_primes::Flavor;
use zeroize::{Zeroize, Zeroizing};

use super::padding::{self, Opened};
use super::pem::{self, KeyError};
use super::public::PublicKey;
use super::{der, generate};
use crate::Random;
use crate::bignum::{self, Residue};

/// A block that no client could have made for this key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rsa block is not a number below the modulus")]
pub struct Refused;

/// A private key of 2048 bits with two primes of at most 1024; wiped when dropped.
#[derive(Clone)]
pub struct PrivateKey {
    public: PublicKey,
    d: U2048,
    p: Factor,
    q: Factor,
    /// `1 / q` modulo `p`.
    q_inverse: U1024,
}

impl PrivateKey {
    /// Draws a new key with the public exponent 65537; takes a fraction of a second.
    ///
    /// The fingerprint has all its sixteen hexadecimal digits, because some tools print it without
    /// leading zeros and others compare the text.
    pub fn generate(rng: &mut dyn Random) -> Self {
        generate::generate(rng)
    }

    /// Reads `RSA PRIVATE KEY` (PKCS#1) or `PRIVATE KEY` (PKCS#8) armour.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let armour = pem::parse(text)?;
        let pkcs1 = match armour.label {
            "RSA PRIVATE KEY" => &*armour.body,
            "PRIVATE KEY" => der::parse_pkcs8(&armour.body)?,
            label => return Err(KeyError::Label(label.to_owned())),
        };
        // The last three follow from the others and are computed anew.
        let [version, n, e, d, p, q, _, _, _] = der::parse_integers(pkcs1)?;
        if !version.is_empty() {
            return Err(KeyError::Der);
        }
        let public = PublicKey::from_parts(n, e)?;
        let d = bignum::parse(d).ok_or(KeyError::Inconsistent)?;
        let key = Self::from_parts(public, d, parse_prime(p)?, parse_prime(q)?)?;
        let primes = [&key.p, &key.q].map(|factor| factor.prime());
        let sound = primes.into_iter().all(|prime| crypto_primes::is_prime(Flavor::Any, prime));
        if sound { Ok(key) } else { Err(KeyError::Inconsistent) }
    }

    /// The key in PKCS#1 armour, which also OpenSSL reads.
    pub fn to_pem(&self) -> Zeroizing<String> {
        let wide = |number: &U1024| bignum::render(&number.resize());
        let mut parts = [
            Vec::new(),
            self.public.n_bytes(),
            self.public.e_bytes(),
            der::minimal(&bignum::render(&self.d)).to_vec(),
            der::minimal(&wide(self.p.prime())).to_vec(),
            der::minimal(&wide(self.q.prime())).to_vec(),
            der::minimal(&wide(&self.p.exponent)).to_vec(),
            der::minimal(&wide(&self.q.exponent)).to_vec(),
            der::minimal(&wide(&self.q_inverse)).to_vec(),
        ];
        let body = Zeroizing::new(der::render_integers(&parts));
        parts.zeroize();
        Zeroizing::new(pem::render("RSA PRIVATE KEY", &body))
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// Opens a block that was sealed with either padding.
    ///
    /// The time taken tells nothing about the key or the contents: the powers are constant-time and
    /// taken of a number that `rng` masks. Whether the block is sound is for [`Opened::verify`].
    pub fn decrypt(&self, block: &[u8; 256], rng: &mut dyn Random) -> Result<Opened, Refused> {
        let sealed = U2048::from_be_slice(block);
        if sealed >= *self.public.n() {
            return Err(Refused);
        }
        let modulus = self.public.modulus();
        let (mask, unmask) = self.blinding(rng);
        let masked = Residue::new(&sealed, modulus).mul(&Residue::new(&mask, modulus)).retrieve();
        let opened = self.power(&masked);
        // A slip of the hardware in one of the two halves would give away a factor.
        if self.public.raise(&opened) != masked {
            return Err(Refused);
        }
        let opened = Residue::new(&opened, modulus).mul(&unmask).retrieve();
        Ok(padding::open(&Zeroizing::new(bignum::render(&opened))))
    }

    pub(super) fn from_parts(
        public: PublicKey,
        d: U2048,
        p: Odd<U1024>,
        q: Odd<U1024>,
    ) -> Result<Self, KeyError> {
        let product: U2048 = p.as_ref().concatenating_mul(q.as_ref());
        if product != *public.n() {
            return Err(KeyError::Inconsistent);
        }
        let (p, q) = (Factor::new(p, &d, &public)?, Factor::new(q, &d, &public)?);
        let q_inverse = p.reduce(&q.prime().resize()).invert().into_option();
        let q_inverse = q_inverse.ok_or(KeyError::Inconsistent)?.retrieve();
        Ok(Self { public, d, p, q, q_inverse })
    }

    /// `r^e` and `1 / r` for a random `r`: their product is removed by the private power.
    fn blinding(&self, rng: &mut dyn Random) -> (U2048, Residue) {
        let modulus = self.public.modulus();
        let mut bytes = Zeroizing::new([0; 256]);
        rng.fill(&mut *bytes);
        let random = U2048::from_be_slice(&*bytes).rem(modulus.modulus().as_nz_ref());
        match Residue::new(&random, modulus).invert().into_option() {
            Some(inverse) => (self.public.raise(&random), inverse),
            // Only a broken source draws a multiple of a factor; the powers are constant-time
            // without the mask, too.
            None => (U2048::ONE, Residue::one(modulus)),
        }
    }

    /// `message^d` by way of the two factors, which is four times as fast.
    // Spec: RFC 8017, section 5.1.2, 2.b.
    fn power(&self, message: &U2048) -> U2048 {
        let mod_p = self.p.power(message);
        let mod_q = self.q.power(message).retrieve();
        let difference = mod_p.sub(&self.p.reduce(&mod_q.resize()));
        let quotient = difference.mul(&FixedMontyForm::new(&self.q_inverse, &self.p.params));
        let product: U2048 = quotient.retrieve().concatenating_mul(self.q.prime());
        product.wrapping_add(&mod_q.resize())
    }
}

impl Drop for PrivateKey {
    fn drop(&mut self) {
        self.d.zeroize();
        self.q_inverse.zeroize();
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({:016x}, …)", self.public.fingerprint())
    }
}

/// One of the two primes with the private exponent reduced for it.
#[derive(Clone)]
struct Factor {
    params: FixedMontyParams<{ U1024::LIMBS }>,
    exponent: U1024,
}

impl Factor {
    fn new(prime: Odd<U1024>, d: &U2048, public: &PublicKey) -> Result<Self, KeyError> {
        let order = NonZero::new(prime.as_ref().wrapping_sub(&U1024::ONE)).into_option();
        let order = order.ok_or(KeyError::Inconsistent)?;
        let exponent = d.rem(&order);
        if exponent.mul_mod(&U1024::from(public.e()), &order) != U1024::ONE {
            return Err(KeyError::Inconsistent);
        }
        Ok(Self { params: FixedMontyParams::new(prime), exponent })
    }

    fn prime(&self) -> &U1024 {
        self.params.modulus().as_ref()
    }

    fn reduce(&self, number: &U2048) -> FixedMontyForm<{ U1024::LIMBS }> {
        FixedMontyForm::new(&number.rem(self.params.modulus().as_nz_ref()), &self.params)
    }

    fn power(&self, message: &U2048) -> FixedMontyForm<{ U1024::LIMBS }> {
        self.reduce(message).pow_amm(&self.exponent)
    }
}

impl Drop for Factor {
    fn drop(&mut self) {
        self.params.zeroize();
        self.exponent.zeroize();
    }
}

fn parse_prime(bytes: &[u8]) -> Result<Odd<U1024>, KeyError> {
    let number = bignum::parse(bytes).filter(|number| number.bits() <= U1024::BITS);
    let number = number.ok_or(KeyError::Size)?;
    Odd::new(number.resize()).into_option().ok_or(KeyError::Inconsistent)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::super::Padding;
    use super::*;
    use crate::SeededRandom;

    static KEY: LazyLock<PrivateKey> =
        LazyLock::new(|| PrivateKey::generate(&mut SeededRandom::new(20)));

    #[test]
    fn generated_keys_have_the_promised_shape() {
        let public = KEY.public();
        assert_eq!(public.n().bits(), 2048);
        assert_eq!(public.e(), 65_537);
        assert_ne!(public.fingerprint().cast_unsigned() >> 60, 0);
        assert!([&KEY.p, &KEY.q].iter().all(|factor| factor.prime().bits() == 1024));
    }

    #[test]
    fn the_two_factors_give_the_same_power_as_the_whole() {
        let mut rng = SeededRandom::new(21);
        let modulus = KEY.public.modulus();
        for _ in 0..3 {
            let number = U2048::from_be_slice(&rng.bytes::<256>());
            let number = number.rem(modulus.modulus().as_nz_ref());
            assert_eq!(KEY.power(&number), bignum::pow(&number, &KEY.d, modulus));
        }
    }

    #[test]
    fn both_paddings_come_back() {
        let mut rng = SeededRandom::new(22);
        for len in [0, 1, 100, 144] {
            let data = vec![0x5a; len];
            let sealed = KEY.public().encrypt_pad(&data, &mut rng);
            let opened = KEY.decrypt(&sealed, &mut rng).unwrap();
            assert_eq!(opened.padding(), Padding::Pad);
            assert_eq!(&opened.bytes()[..len], data);
            assert!(opened.verify(len) && !opened.verify(193));
        }
        for len in [0, 1, 96, 235] {
            let data = vec![0xa5; len];
            let sealed = KEY.public().encrypt_legacy(&data, &mut rng);
            let opened = KEY.decrypt(&sealed, &mut rng).unwrap();
            assert_eq!(opened.padding(), Padding::Legacy);
            assert_eq!(&opened.bytes()[..len], data);
            assert!(opened.verify(len) && !opened.verify(len + 1));
        }
    }

    #[test]
    fn a_changed_block_is_never_accepted() {
        let mut rng = SeededRandom::new(23);
        let mut sealed = KEY.public().encrypt_pad(b"data", &mut rng);
        sealed[200] ^= 1;
        if let Ok(opened) = KEY.decrypt(&sealed, &mut rng) {
            assert_eq!(opened.padding(), Padding::Legacy);
            assert!((0..=235).all(|len| !opened.verify(len)));
        }
    }

    #[test]
    fn a_first_byte_other_than_zero_spoils_the_older_padding() {
        let mut rng = SeededRandom::new(24);
        let mut block = padding::pad_legacy(b"data", &mut rng);
        block[0] = 1;
        let sealed = bignum::render(&KEY.public().raise(&U2048::from_be_slice(&block)));
        let opened = KEY.decrypt(&sealed, &mut rng).unwrap();
        assert_eq!(&opened.bytes()[..4], b"data");
        assert!(!opened.verify(4));
    }

    #[test]
    fn numbers_beyond_the_modulus_are_refused() {
        let mut rng = SeededRandom::new(25);
        let modulus = bignum::render(KEY.public().n());
        assert_eq!(KEY.decrypt(&modulus, &mut rng).unwrap_err(), Refused);
        assert_eq!(KEY.decrypt(&[0xff; 256], &mut rng).unwrap_err(), Refused);
        assert!(!KEY.decrypt(&[0; 256], &mut rng).unwrap().verify(0));
    }

    #[test]
    fn a_key_survives_its_armour() {
        let pem = KEY.to_pem();
        let again = PrivateKey::from_pem(&pem).unwrap();
        assert_eq!(*again.to_pem(), *pem);
        assert_eq!(again.public(), KEY.public());

        let body = pem::parse(&pem).unwrap().body;
        let pkcs8 = pem::render("PRIVATE KEY", &der::render_pkcs8(&body));
        assert_eq!(PrivateKey::from_pem(&pkcs8).unwrap().public(), KEY.public());
    }

    #[test]
    fn parts_that_do_not_belong_together_are_refused() {
        let (p, q) = (*KEY.p.params.modulus(), *KEY.q.params.modulus());
        let other = KEY.d.wrapping_add(&U2048::from(2_u8));
        for (d, p, q) in [(other, p, q), (KEY.d, p, p)] {
            let key = PrivateKey::from_parts(KEY.public(), d, p, q);
            assert_eq!(key.unwrap_err(), KeyError::Inconsistent);
        }
        assert!(PrivateKey::from_parts(KEY.public(), KEY.d, q, p).is_ok());
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", *KEY);
        assert_eq!(shown, format!("PrivateKey({:016x}, …)", KEY.public().fingerprint()));
    }
}
