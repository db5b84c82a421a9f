//! `heliogram methods`: what is answered and what is not, as one JSON object.

use std::collections::BTreeMap;
use std::error::Error;

use heliogram_dc::Coverage;

use crate::cli::Methods;

/// Every method by its full name, and whether it is `handled`, `canned` or `absent`.
type Answers = BTreeMap<&'static str, &'static str>;

/// Prints the methods of one of the two APIs.
pub(crate) fn run(command: &Methods) -> Result<(), Box<dyn Error>> {
    let answers = if command.bot_api { bot_api() } else { mtproto() };
    println!("{}", serde_json::to_string_pretty(&answers)?);
    Ok(())
}

fn mtproto() -> Answers {
    let mut answers: Answers =
        heliogram_tl::layer::functions().map(|name| (name, "absent")).collect();
    answers.extend(heliogram_dc::coverage().into_iter().map(|(name, coverage)| match coverage {
        Coverage::Handled => (name, "handled"),
        Coverage::Canned => (name, "canned"),
    }));
    answers
}

fn bot_api() -> Answers {
    let word = |is_served| if is_served { "handled" } else { "absent" };
    heliogram_botapi::coverage().iter().map(|(name, is_served)| (*name, word(*is_served))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_is_listed_and_the_first_steps_are_handled() {
        let mtproto = mtproto();
        assert!(mtproto.len() > 700, "{} methods", mtproto.len());
        for name in ["invokeWithLayer", "auth.sendCode", "messages.sendMessage", "upload.getFile"] {
            assert_eq!(mtproto.get(name), Some(&"handled"), "{name}");
        }
        assert_eq!(bot_api().get("sendMessage"), Some(&"handled"));
    }
}
