//! `heliogram check`: reads everything in a directory, and says what is wrong with it.

use std::error::Error;
use std::path::Path;

use heliogram_dc::Finding;
use serde_json::json;

use crate::cli::Check;
use crate::control::{self, Request};

/// Checks a directory on which nothing runs.
pub(crate) fn run(command: &Check) -> Result<(), Box<dyn Error>> {
    let data = &command.at.data;
    if control::ask(data, &Request::Addresses).is_some() {
        return Err(
            format!("a cloud runs on {}: stop it, or check a backup", data.display()).into()
        );
    }
    if !data.join("rows").is_dir() {
        return Err(format!("there is no cloud in {}", data.display()).into());
    }
    let (mut seen, mut bad) = (Vec::new(), Vec::new());
    let mut told = |finding| match finding {
        Finding::Seen(what, count) => seen.push((what, count)),
        Finding::Bad(fault) => bad.push(fault),
    };
    let opened = heliogram_dc::check(data, &mut told);
    check_bots(&data.join("bots"), &mut told);
    if let Err(error) = opened {
        bad.push(error.to_string());
    }
    if command.at.json {
        let seen: serde_json::Map<String, serde_json::Value> =
            seen.iter().map(|(what, count)| ((*what).to_owned(), (*count).into())).collect();
        println!("{}", json!({ "seen": seen, "bad": bad }));
    } else {
        seen.iter().for_each(|(what, count)| println!("{count} {what}"));
        bad.iter().for_each(|fault| println!("BAD {fault}"));
    }
    if bad.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} faults; `heliogram restore` brings back a backup, `heliogram up --accept-loss` goes on \
         without what is lost, where that is possible",
        bad.len()
    )
    .into())
}

fn check_bots(bots: &Path, told: &mut impl FnMut(Finding)) {
    match heliogram_botapi::check(bots) {
        Ok((count, faults)) => {
            told(Finding::Seen("bots", count));
            faults.into_iter().for_each(|fault| told(Finding::Bad(fault)));
        }
        Err(error) => told(Finding::Bad(format!("{}: {error}", bots.display()))),
    }
}
