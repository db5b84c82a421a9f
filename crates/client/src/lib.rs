//! The client framework: users and bots over MTProto.

mod peers;
mod rpc_error;
pub mod session;
pub mod updates;

pub use peers::PeerCache;
pub use rpc_error::RpcError;
