//! Sockets and clocks: the tokio driver of the MTProto machines.
