//! The cryptographic primitives of MTProto.
