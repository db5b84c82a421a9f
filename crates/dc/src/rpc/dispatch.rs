//! From a constructor id to its handler, with the checks that all methods share.

use std::sync::LazyLock;

use heliogram_ids::UserId;

use super::TABLES;
use super::route::{Access, Route};
use crate::error::{Rpc, RpcError};

/// All routes, sorted by constructor id.
static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let mut routes: Vec<Route> = TABLES.concat();
    routes.sort_unstable_by_key(|route| route.id);
    routes
});

/// Finds the row of a method of the newest layer.
///
/// # Errors
/// `METHOD_INVALID`. Never a 500: some clients repeat those for ever.
pub(crate) fn find(id: u32) -> Rpc<&'static Route> {
    match ROUTES.binary_search_by_key(&id, |route| route.id) {
        Ok(index) => Ok(&ROUTES[index]),
        Err(_) => {
            let name = heliogram_tl::layer::function_name(id).unwrap_or("unknown");
            tracing::warn!(method = name, id = format_args!("{id:#010x}"), "method is not built");
            Err(RpcError::METHOD_INVALID)
        }
    }
}

/// All rows, in the order of their constructor ids.
pub(crate) fn routes() -> &'static [Route] {
    &ROUTES
}

/// Where the row that [`find`] found stands among [`routes`].
pub(crate) fn place(route: &Route) -> Option<usize> {
    ROUTES.element_offset(route)
}

/// Whether a method's answer here is a constant.
pub(crate) fn is_canned(route: &Route) -> bool {
    super::canned::ROUTES.iter().any(|row| row.id == route.id)
}

/// Whether a caller may use a method at all.
///
/// # Errors
/// `AUTH_KEY_UNREGISTERED`, by which clients learn that they are not logged in;
/// `SESSION_PASSWORD_NEEDED` while the second factor is owed; `BOT_METHOD_INVALID`;
/// `USER_BOT_REQUIRED`.
pub(crate) fn admit(route: &Route, user: Option<UserId>, is_bot: bool) -> Rpc<()> {
    match (route.access, user) {
        (Access::Anyone, _) => Ok(()),
        (_, None) => Err(RpcError::AUTH_KEY_UNREGISTERED),
        (Access::User, Some(_)) if is_bot => Err(RpcError::BOT_METHOD_INVALID),
        (Access::Bot, Some(_)) if !is_bot => Err(RpcError::USER_BOT_REQUIRED),
        (_, Some(_)) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_rows_answer_the_same_method() {
        for pair in ROUTES.windows(2) {
            assert_ne!(pair[0].id, pair[1].id, "{} and {}", pair[0].name, pair[1].name);
        }
    }
}
