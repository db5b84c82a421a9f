//! The people everybody meets. `interop/README.md` introduces them.

use std::io;

use super::cloud::Cloud;

/// A person of the test network.
#[derive(Clone, Copy, Debug)]
pub(super) struct Person {
    pub(super) phone: &'static str,
    pub(super) first_name: &'static str,
    pub(super) username: &'static str,
}

pub(super) const ALICE: Person =
    Person { phone: "+9996621111", first_name: "Alice", username: "alice" };
pub(super) const BOB: Person =
    Person { phone: "+9996632222", first_name: "Bob", username: "bobby" };
/// The number nobody has yet.
pub(super) const CAROL: &str = "+9996643333";
/// The first name and the username of Alice's bot.
pub(super) const BOT: [&str; 2] = ["Echo", "echo_stage_bot"];

impl Person {
    /// The login code of a test number: the digit after 99966, five times.
    pub(super) fn code(self) -> String {
        let digit = self.phone.trim_start_matches("+99966").get(..1).unwrap_or_default();
        digit.repeat(5)
    }
}

/// Makes the cast's accounts and returns the bot's token.
///
/// # Errors
/// What the commands say.
pub(super) fn gather(cloud: &Cloud) -> io::Result<String> {
    for Person { phone, first_name, username } in [ALICE, BOB] {
        cloud.new_user(phone, first_name, username)?;
    }
    cloud.new_bot(BOT[0], BOT[1], ALICE.phone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_test_numbers() {
        assert_eq!(ALICE.code(), "22222");
        assert_eq!(BOB.code(), "33333");
    }
}
