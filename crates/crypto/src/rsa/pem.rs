//! The text armour of keys: base64 between two dashed lines.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// Why a key file is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There are no BEGIN and END lines with base64 between them.
    #[error("key file has no intact pem armour")]
    Armour,
    /// The armour holds something else.
    #[error("key file holds a {0}, not an rsa key of this kind")]
    Label(String),
    /// The contents are not the DER structure that the label promises.
    #[error("key file is not in valid der")]
    Der,
    /// The modulus or a factor has the wrong number of bits.
    #[error("rsa key does not have 2048 bits in two factors of 1024")]
    Size,
    /// The public exponent is even, too small or longer than 64 bits.
    #[error("rsa public exponent is unusable")]
    Exponent,
    /// The numbers of the key do not belong together.
    #[error("rsa key is inconsistent")]
    Inconsistent,
}

/// One armoured object.
pub(super) struct Armour<'a> {
    pub(super) label: &'a str,
    pub(super) body: Zeroizing<Vec<u8>>,
}

/// Reads the first armoured object of a text.
pub(super) fn parse(text: &str) -> Result<Armour<'_>, KeyError> {
    let (_, rest) = text.split_once("-----BEGIN ").ok_or(KeyError::Armour)?;
    let (label, rest) = rest.split_once("-----").ok_or(KeyError::Armour)?;
    let (base64, rest) = rest.split_once("-----END ").ok_or(KeyError::Armour)?;
    let end = rest.strip_prefix(label).ok_or(KeyError::Armour)?;
    if !end.starts_with("-----") {
        return Err(KeyError::Armour);
    }
    let base64: Vec<u8> = base64.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let base64 = Zeroizing::new(base64);
    let body = STANDARD.decode(&*base64).map_err(|_| KeyError::Armour)?;
    Ok(Armour { label, body: Zeroizing::new(body) })
}

/// Wraps an object in armour with lines of 64 characters.
pub(super) fn render(label: &str, body: &[u8]) -> String {
    // 48 bytes are 64 characters.
    let lines = body.chunks(48).map(|line| STANDARD.encode(line) + "\n");
    format!("-----BEGIN {label}-----\n{}-----END {label}-----\n", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn armour_comes_off_as_it_went_on() {
        for len in [0, 1, 47, 48, 49, 200] {
            let body = vec![7; len];
            let text = render("TEST", &body);
            let armour = parse(&text).unwrap();
            assert_eq!((armour.label, &*armour.body), ("TEST", &body));
        }
    }

    #[test]
    fn line_ends_and_surroundings_do_not_matter() {
        check(
            "comment\r\n-----BEGIN A B-----\r\nAQ\r\n ID\r\n-----END A B-----",
            Ok(("A B", vec![1, 2, 3])),
        );
        check("-----BEGIN A-----AQID-----END A-----", Ok(("A", vec![1, 2, 3])));
    }

    #[test]
    fn broken_armour_is_refused() {
        check("", Err(KeyError::Armour));
        check("-----BEGIN A", Err(KeyError::Armour));
        check("-----BEGIN A-----AQID", Err(KeyError::Armour));
        check("-----BEGIN A-----AQID-----END B-----", Err(KeyError::Armour));
        check("-----BEGIN A-----AQID-----END A", Err(KeyError::Armour));
        check("-----BEGIN A-----AQI-----END A-----", Err(KeyError::Armour));
        check("-----BEGIN A-----A*ID-----END A-----", Err(KeyError::Armour));
    }

    fn check(text: &str, expected: Result<(&str, Vec<u8>), KeyError>) {
        let found = parse(text).map(|armour| (armour.label, armour.body.to_vec()));
        assert_eq!(found, expected, "{text:?}");
    }
}
