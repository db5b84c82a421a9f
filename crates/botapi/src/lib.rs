//! The Bot API server: HTTP and JSON over the client framework.
