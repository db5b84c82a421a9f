//! Typed tables, transactions and blobs over one ordered key-value engine.
