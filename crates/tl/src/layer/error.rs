//! Why a value cannot be said in another layer.

use crate::DecodeError;

/// Why a value cannot be said in another layer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TranslateError {
    /// The target layer has neither the constructor nor a fallback for it.
    #[error("{name} cannot be said in layer {layer}")]
    Unrepresentable {
        /// The constructor or function, as the schema spells it.
        name: &'static str,
        /// The layer that it was meant for.
        layer: i32,
    },
    /// No imported layer has a function of this id.
    #[error("no layer has a function {id:#010x}")]
    UnknownFunction {
        /// The id.
        id: u32,
    },
    /// The bytes are not a value at all.
    #[error("not a value: {0}")]
    Malformed(#[from] DecodeError),
}
