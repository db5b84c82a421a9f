//! The client's end of a session.
