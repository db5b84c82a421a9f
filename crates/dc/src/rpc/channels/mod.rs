//! `channels.*`.

use crate::rpc::route::routes;

routes! {}
