//! Ours beside the peer and the limit of the machine, measured in one run.
//!
//! `cargo xtask bench` runs this; `--json` prints the same for machines. Nothing here fails because
//! something was slow: a number is only a ratio between things that ran in turns, and its bar stands
//! beside it. What does fail is a contestant whose output differs from its peer's.

mod heap;
mod machine;
mod rounds;
mod row;
mod rows;
mod table;

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;

/// What keeps a row from being measured.
type Trouble = Box<dyn Error>;

fn main() -> ExitCode {
    let mut json = false;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--json" => json = true,
            unknown => {
                eprintln!("unknown argument {unknown}; there is only --json");
                return ExitCode::FAILURE;
            }
        }
    }
    match run(json) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("{trouble}");
            ExitCode::FAILURE
        }
    }
}

fn run(json: bool) -> Result<(), Trouble> {
    let rows = rows::all()?;
    let text = if json { format!("{}\n", table::json(&rows)) } else { table::text(&rows) };
    // Not `print!`, which panics when the reader has seen enough.
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}
