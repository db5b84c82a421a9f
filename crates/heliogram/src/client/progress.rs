//! The bar that shows how far a file has come.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar on standard error; hidden by itself where that is no terminal.
pub(super) fn bar(total: Option<u64>) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => (
            ProgressBar::new(total),
            "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
        ),
        None => (ProgressBar::no_length(), "{spinner} {bytes}, {bytes_per_sec}"),
    };
    bar.with_style(ProgressStyle::with_template(template).expect("both templates are well formed"))
}
