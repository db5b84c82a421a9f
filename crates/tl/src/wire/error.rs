//! Why bytes are not the value that was wanted.

/// Why bytes are not the value that was wanted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DecodeError {
    /// The buffer ends inside a value.
    #[error("buffer ends {missing} bytes short of a value")]
    Truncated {
        /// How many more bytes the value needs at least.
        missing: usize,
    },
    /// Whole values were read and bytes are left.
    #[error("{bytes} bytes after the end of the value")]
    Trailing {
        /// How many.
        bytes: usize,
    },
    /// A constructor id that the wanted type does not have.
    #[error("constructor {id:#010x} where {wanted} was wanted")]
    UnexpectedConstructor {
        /// The id that stood there.
        id: u32,
        /// The type or constructor that was wanted.
        wanted: &'static str,
    },
    /// A vector that claims more items than the rest of the buffer could hold.
    #[error("vector of {count} items in {remaining} bytes")]
    VectorTooLong {
        /// The claimed number of items.
        count: u32,
        /// What is left of the buffer.
        remaining: usize,
    },
    /// A `string` that is not UTF-8.
    #[error("text is not utf-8")]
    NotUtf8,
    /// Values nested so deep that only an attacker would send them.
    #[error("values nested deeper than {max}")]
    TooDeep {
        /// The limit.
        max: u32,
    },
}
