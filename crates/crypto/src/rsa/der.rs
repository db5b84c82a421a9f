//! As much DER as an RSA key needs: sequences of integers, and the two wrappers around them.
// Spec: ITU-T X.690; RFC 8017, appendix A.1; RFC 5280, section 4.1; RFC 5208, section 5.

use super::pem::KeyError;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// The identifier `rsaEncryption` with its empty parameters.
const RSA_ENCRYPTION: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];

/// Reads a sequence of exactly `N` non-negative integers, big-endian without leading zeros.
pub(super) fn parse_integers<const N: usize>(der: &[u8]) -> Result<[&[u8]; N], KeyError> {
    let mut body = sole(der, SEQUENCE)?;
    let mut integers = [&[][..]; N];
    for integer in &mut integers {
        let (content, rest) = split(body, INTEGER)?;
        // The highest bit is the sign.
        if content.first().is_none_or(|byte| byte & 0x80 != 0) {
            return Err(KeyError::Der);
        }
        (*integer, body) = (minimal(content), rest);
    }
    if body.is_empty() { Ok(integers) } else { Err(KeyError::Der) }
}

/// The PKCS#1 public key inside a `SubjectPublicKeyInfo`.
pub(super) fn parse_spki(der: &[u8]) -> Result<&[u8], KeyError> {
    let (algorithm, rest) = split(sole(der, SEQUENCE)?, SEQUENCE)?;
    check_algorithm(algorithm)?;
    // The first byte counts unused bits.
    sole(rest, BIT_STRING)?.strip_prefix(&[0]).ok_or(KeyError::Der)
}

/// The PKCS#1 private key inside a `PrivateKeyInfo`; attributes behind it are ignored.
pub(super) fn parse_pkcs8(der: &[u8]) -> Result<&[u8], KeyError> {
    let (_version, rest) = split(sole(der, SEQUENCE)?, INTEGER)?;
    let (algorithm, rest) = split(rest, SEQUENCE)?;
    check_algorithm(algorithm)?;
    split(rest, OCTET_STRING).map(|(key, _attributes)| key)
}

/// Writes a sequence of non-negative integers, each big-endian without leading zeros.
pub(super) fn render_integers<const N: usize>(integers: &[Vec<u8>; N]) -> Vec<u8> {
    let body = integers.iter().flat_map(|integer| {
        let needs_zero = integer.first().is_none_or(|byte| byte & 0x80 != 0);
        let content = if needs_zero { [&[0], &integer[..]].concat() } else { integer.clone() };
        render(INTEGER, &content)
    });
    render(SEQUENCE, &body.collect::<Vec<_>>())
}

/// A big-endian number without its leading zeros; nothing at all for zero.
pub(super) fn minimal(bytes: &[u8]) -> &[u8] {
    let leading_zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
    &bytes[leading_zeros..]
}

fn check_algorithm(algorithm: &[u8]) -> Result<(), KeyError> {
    if algorithm == RSA_ENCRYPTION {
        Ok(())
    } else {
        Err(KeyError::Label("key of another algorithm".to_owned()))
    }
}

/// The content of an element that is all there is.
fn sole(der: &[u8], tag: u8) -> Result<&[u8], KeyError> {
    match split(der, tag)? {
        (content, []) => Ok(content),
        _ => Err(KeyError::Der),
    }
}

/// The content of the first element, and what follows it.
fn split(der: &[u8], tag: u8) -> Result<(&[u8], &[u8]), KeyError> {
    let (&[found, first], rest) = der.split_first_chunk().ok_or(KeyError::Der)?;
    // Short form, or the number of length bytes that follow; keys need two at most.
    let (len, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81 => {
            let (&[len], rest) = rest.split_first_chunk().ok_or(KeyError::Der)?;
            (usize::from(len), rest)
        }
        0x82 => {
            let (&len, rest) = rest.split_first_chunk().ok_or(KeyError::Der)?;
            (usize::from(u16::from_be_bytes(len)), rest)
        }
        _ => return Err(KeyError::Der),
    };
    if found != tag {
        return Err(KeyError::Der);
    }
    rest.split_at_checked(len).ok_or(KeyError::Der)
}

fn render(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = u16::try_from(content.len()).expect("keys are far below 64 KiB");
    let [high, low] = len.to_be_bytes();
    let head = match len {
        0..=0x7f => vec![tag, low],
        0x80..=0xff => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [&head, content].concat()
}

#[cfg(test)]
pub(super) fn render_spki(pkcs1: &[u8]) -> Vec<u8> {
    let key = render(BIT_STRING, &[&[0], pkcs1].concat());
    render(SEQUENCE, &[render(SEQUENCE, RSA_ENCRYPTION), key].concat())
}

#[cfg(test)]
pub(super) fn render_pkcs8(pkcs1: &[u8]) -> Vec<u8> {
    let parts =
        [render(INTEGER, &[0]), render(SEQUENCE, RSA_ENCRYPTION), render(OCTET_STRING, pkcs1)];
    render(SEQUENCE, &parts.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_come_back_whatever_their_length() {
        for len in [1, 126, 127, 128, 255, 256, 300] {
            for first in [1, 0x7f, 0x80, 0xff] {
                let mut number = vec![0x55; len];
                number[0] = first;
                let der = render_integers(&[Vec::new(), number.clone()]);
                assert_eq!(parse_integers(&der), Ok([&[][..], &number]), "{len} from {first}");
            }
        }
    }

    #[test]
    fn every_truncation_is_noticed() {
        let der = render_integers(&[vec![1; 200], vec![2; 5]]);
        for len in 0..der.len() {
            assert_eq!(parse_integers::<2>(&der[..len]), Err(KeyError::Der), "{len}");
        }
        assert_eq!(parse_integers::<1>(&der), Err(KeyError::Der));
        assert_eq!(parse_integers::<3>(&der), Err(KeyError::Der));
        assert_eq!(parse_integers::<2>(&[&der[..], &[0]].concat()), Err(KeyError::Der));
    }

    #[test]
    fn odd_encodings_are_refused() {
        check(&[SEQUENCE, 2, INTEGER, 0]);
        check(&[SEQUENCE, 3, INTEGER, 1, 0x80]);
        check(&[SEQUENCE, 0x80, INTEGER, 1, 1, 0, 0]);
        check(&[SEQUENCE, 0x84, 0, 0, 0, 3, INTEGER, 1, 1]);
        check(&[INTEGER, 3, INTEGER, 1, 1]);
        check(&[SEQUENCE, 3, OCTET_STRING, 1, 1]);
    }

    fn check(der: &[u8]) {
        assert_eq!(parse_integers::<1>(der), Err(KeyError::Der), "{der:?}");
    }
}
