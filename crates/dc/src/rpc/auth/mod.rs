//! `auth.*`.

use crate::rpc::route::routes;

routes! {}
