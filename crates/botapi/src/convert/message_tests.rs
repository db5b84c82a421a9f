//! Messages, from the wire to JSON.
