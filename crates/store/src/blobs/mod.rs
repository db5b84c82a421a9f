//! Large files, found again by the hash of what they hold, and the uploads that become them.

mod blob;
mod disk;
mod disk_done;
mod disk_index;
mod disk_sums;
mod disk_tally;
mod disk_upload;
mod memory;
mod parts;

pub use blob::{BlobError, BlobId, BlobUsage, Blobs, Part, UploadKey};
pub use disk::DiskBlobs;
pub use memory::MemoryBlobs;
