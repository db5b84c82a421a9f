//! Methods whose true answer in this cloud is a constant, each with a word on why.

use crate::rpc::route::routes;

routes! {}
