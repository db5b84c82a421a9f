//! Every bound of the store in one place.

/// How much fits into a key, a value, a transaction, a group and an upload.
///
/// The first three are what every planned engine can carry, not what the present one could.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest encoded key, table prefix included.
    pub key_bytes_max: usize,
    /// Largest encoded value.
    pub value_bytes_max: usize,
    /// Most bytes, keys and values together, that one transaction may write.
    pub txn_bytes_max: usize,
    /// Most transactions that share one sync of the disk.
    pub group_txns_max: usize,
    /// A group closes as soon as it holds this many bytes.
    pub group_bytes_max: usize,
    /// Most transactions that may wait for the writer; more are refused.
    pub queue_txns_max: usize,
    /// How often a group is run again when a shared engine reports a conflict.
    pub conflict_retries_max: usize,
    /// Largest part of an upload.
    pub part_bytes_max: usize,
    /// Most parts of an upload.
    pub upload_parts_max: u32,
    /// Most uploads in progress at a time.
    pub uploads_max: usize,
}

impl Limits {
    /// The bounds of a production server.
    pub const DEFAULT: Self = Self {
        key_bytes_max: 4 << 10,
        value_bytes_max: 64 << 10,
        txn_bytes_max: 1 << 20,
        group_txns_max: 256,
        group_bytes_max: 1 << 20,
        queue_txns_max: 1 << 16,
        conflict_retries_max: 16,
        part_bytes_max: 512 << 10,
        upload_parts_max: 8000,
        uploads_max: 1 << 16,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

const _: () = assert!(Limits::DEFAULT.value_bytes_max <= Limits::DEFAULT.txn_bytes_max);
const _: () = assert!(Limits::DEFAULT.group_txns_max <= Limits::DEFAULT.queue_txns_max);
