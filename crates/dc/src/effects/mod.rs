//! What happens after a commit, outside of rows and links.

mod login_code;

pub(crate) use login_code::{log_code, run_hook};
