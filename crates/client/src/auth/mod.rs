//! Logging in and out: bots by token, people by phone, code and password.

mod bot;
mod logout;
mod password;
mod phone;

pub use password::PasswordStep;
pub use phone::{CodeStep, LoginStep, SignUpStep};
