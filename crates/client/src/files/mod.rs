//! Files up and down, in parts, over lines of their own.

mod download;
mod part;
mod upload;

pub use download::{Download, DownloadError};
pub use part::Progress;
pub use upload::{Upload, UploadError};
