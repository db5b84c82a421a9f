//! Ours beside the peer and the limit of the machine, measured in one run.
//!
//! `cargo xtask bench` runs this; `--json` prints the same for machines, `--only P12` measures what
//! is named. Nothing here fails because something was slow: a number is only a ratio between things
//! that ran in turns, and its bar stands beside it. What does fail is a contestant whose output
//! differs from its peer's.

mod heap;
mod machine;
mod place;
mod python;
mod rounds;
mod row;
mod rows;
mod selection;
mod table;

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;

use selection::Selection;

/// What keeps a row from being measured.
type Trouble = Box<dyn Error>;

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("{trouble}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: impl Iterator<Item = String>) -> Result<(), Trouble> {
    let (mut json, mut only) = (false, Selection::default());
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--json" => json = true,
            "--only" => only.add(&arguments.next().ok_or("--only wants a target, as P12")?),
            unknown => {
                return Err(
                    format!("unknown argument {unknown}; there are --json and --only").into()
                );
            }
        }
    }
    let rows = rows::measure(&only)?;
    let text = if json { format!("{}\n", table::json(&rows)) } else { table::text(&rows) };
    // Not `print!`, which panics when the reader has seen enough.
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}
