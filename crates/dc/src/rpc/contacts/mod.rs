//! `contacts.*`.

use crate::rpc::route::routes;

routes! {}
