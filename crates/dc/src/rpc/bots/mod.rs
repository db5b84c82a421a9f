//! `bots.*`.

use crate::rpc::route::routes;

routes! {}
