//! What people call themselves and how they are reached: names, profile texts, phone numbers.

use super::text::utf16_len;
use super::users;
use crate::error::{Rpc, RpcError};
use crate::limits::Limits;

/// A first name: one to 64 units without surrounding white space.
///
/// # Errors
/// `FIRSTNAME_INVALID`.
pub(crate) fn parse_first_name(raw: &str, limits: &Limits) -> Rpc<String> {
    let name = clean(raw);
    if name.is_empty() || !fits(&name, limits.name_utf16_max) {
        return Err(RpcError::FIRSTNAME_INVALID);
    }
    Ok(name)
}

/// A last name, which may be empty.
///
/// # Errors
/// `LASTNAME_INVALID`.
pub(crate) fn parse_last_name(raw: &str, limits: &Limits) -> Rpc<String> {
    let name = clean(raw);
    if fits(&name, limits.name_utf16_max) { Ok(name) } else { Err(RpcError::LASTNAME_INVALID) }
}

/// A profile text, which may be empty.
///
/// # Errors
/// `ABOUT_TOO_LONG`.
pub(crate) fn parse_about(raw: &str, limits: &Limits) -> Rpc<String> {
    let about = clean(raw);
    if fits(&about, limits.about_utf16_max) { Ok(about) } else { Err(RpcError::ABOUT_TOO_LONG) }
}

/// The digits of an international phone number: 7 to 15 of them.
///
/// Spec: ITU-T E.164.
///
/// # Errors
/// `PHONE_NUMBER_INVALID`.
pub(crate) fn parse_phone(raw: &str) -> Rpc<String> {
    let digits = users::phone_digits(raw);
    let only_a_number =
        raw.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || "+-().".contains(c));
    if only_a_number && (7..=15).contains(&digits.len()) {
        Ok(digits)
    } else {
        Err(RpcError::PHONE_NUMBER_INVALID)
    }
}

fn clean(raw: &str) -> String {
    let printable: String = raw.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    printable.trim().to_owned()
}

fn fits(text: &str, utf16_max: usize) -> bool {
    usize::try_from(utf16_len(text)).is_ok_and(|length| length <= utf16_max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_phone(raw: &str, expected: Option<&str>) {
        assert_eq!(parse_phone(raw).ok().as_deref(), expected, "{raw}");
    }

    #[test]
    fn a_phone_number_is_its_digits() {
        check_phone("+999 66-12345", Some("9996612345"));
        check_phone("(999) 661.2345", Some("9996612345"));
        check_phone("123456", None);
        check_phone("1234567890123456", None);
        check_phone("call 9996612345", None);
        check_phone("", None);
    }

    #[test]
    fn a_name_is_trimmed_and_counted_in_utf16_units() {
        let limits = Limits::DEFAULT;
        assert_eq!(parse_first_name(" Ada\n", &limits).as_deref(), Ok("Ada"));
        assert_eq!(parse_first_name(" \t", &limits), Err(RpcError::FIRSTNAME_INVALID));
        assert_eq!(parse_first_name(&"😀".repeat(33), &limits), Err(RpcError::FIRSTNAME_INVALID));
        assert_eq!(parse_last_name("", &limits).as_deref(), Ok(""));
        assert_eq!(parse_about(&"a".repeat(71), &limits), Err(RpcError::ABOUT_TOO_LONG));
    }
}
