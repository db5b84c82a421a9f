//! `photos.*`.

use crate::rpc::route::routes;

routes! {}
