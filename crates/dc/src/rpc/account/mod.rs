//! `account.*`.

use crate::rpc::route::routes;

routes! {}
