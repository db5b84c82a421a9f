//! How a program says what it found.

use std::error::Error;
use std::process::ExitCode;

/// A program's exit code: whether all is good, or why nobody knows.
pub fn exit_code(outcome: Result<bool, Box<dyn Error>>) -> ExitCode {
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
