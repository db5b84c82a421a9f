//! The `methods` task: how much of the two APIs is answered.
//!
//! The binary knows it best, so the binary is asked; this counts what it says.

use std::collections::BTreeMap;
use std::io;
use std::process::Command;

use crate::stage;

/// Every method by its full name, and whether it is `handled`, `canned` or `absent`.
type Answers = BTreeMap<String, String>;

/// Prints the methods: counted by namespace, or one by one as JSON.
///
/// # Errors
/// If the binary cannot be built or says something unexpected.
pub(crate) fn run(bot_api: bool, json: bool) -> io::Result<()> {
    let mut command = Command::new(stage::build()?);
    command.arg("methods");
    if bot_api {
        command.arg("--bot-api");
    }
    let output = command.output()?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let answers: Answers = serde_json::from_slice(&output.stdout)?;
    if json {
        println!("{}", serde_json::to_string_pretty(&answers)?);
    } else {
        print!("{}", table(&answers));
    }
    Ok(())
}

/// Handled, canned and absent per namespace, and in all.
fn table(answers: &Answers) -> String {
    let mut rows: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut total = [0; 3];
    for (name, answer) in answers {
        let namespace = name.split_once('.').map_or("(none)", |(namespace, _)| namespace);
        let column = match answer.as_str() {
            "handled" => 0,
            "canned" => 1,
            _ => 2,
        };
        rows.entry(namespace).or_default()[column] += 1;
        total[column] += 1;
    }
    let mut out = format!("{:16}{:>9}{:>9}{:>9}\n", "namespace", "handled", "canned", "absent");
    for (name, [handled, canned, absent]) in rows.into_iter().chain([("all", total)]) {
        out += &format!("{name:16}{handled:>9}{canned:>9}{absent:>9}\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_counted_by_namespace() {
        let answers = [
            ("help.getConfig", "handled"),
            ("help.getPromoData", "canned"),
            ("invokeWithLayer", "handled"),
            ("phone.requestCall", "absent"),
        ];
        let answers = answers.map(|(name, answer)| (name.to_owned(), answer.to_owned())).into();
        let table = table(&answers);
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        let lines: Vec<String> = table.lines().map(words).collect();
        assert_eq!(
            lines,
            [
                "namespace handled canned absent",
                "(none) 1 0 0",
                "help 1 1 0",
                "phone 0 0 1",
                "all 2 1 1"
            ]
        );
    }
}
