//! Formatted text: parsed from HTML and both dialects of Markdown with the error texts of the
//! official server, tidied, and rendered back. Offsets are in UTF-16 code units throughout.

mod clean;
mod entities;
mod html;
mod markdown;
mod markdown_v2;
mod nesting;
mod render;
mod url;

pub use clean::clean;
pub use entities::{Entity, Formatted, Kind, ParseError};
pub use html::parse as parse_html;
pub use markdown::parse as parse_markdown;
pub use markdown_v2::parse as parse_markdown_v2;
pub use nesting::tidy;
pub use render::{to_html, to_markdown_v2};
