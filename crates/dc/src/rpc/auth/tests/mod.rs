//! Logins of every kind, through the handlers.

mod homes;
mod login_tokens;
mod logins;
