//! The client framework: users and bots over MTProto.
