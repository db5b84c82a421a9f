//! Files up and down, in parts, over lines of their own.

mod download;
mod location;
mod part;
mod upload;

pub use download::{Download, DownloadError};
pub use location::FileRef;
pub use part::Progress;
pub use upload::{Upload, UploadError};
