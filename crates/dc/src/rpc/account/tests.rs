//! Accounts as their owners manage them.
