//! Descriptors: each connection takes one, and the usual limit of a shell or a service is 1,024.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Allows this process as many descriptors as it may allow itself.
///
/// A system that refuses leaves the limit where it was; connections beyond it are then not accepted,
/// which is said when it happens.
pub(crate) fn raise_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return;
    }
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of descriptors cannot be raised");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn afterwards_there_is_nothing_left_to_allow() {
        raise_limit();
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
    }
}
