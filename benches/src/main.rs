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
    match rows::all() {
        Ok(rows) if json => println!("{}", table::json(&rows)),
        Ok(rows) => print!("{}", table::text(&rows)),
        Err(trouble) => {
            eprintln!("{trouble}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
