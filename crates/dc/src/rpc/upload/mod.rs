//! `upload.*`.

use crate::rpc::route::routes;

routes! {}
