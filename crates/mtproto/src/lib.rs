//! MTProto 2.0 as sans-IO state machines, client and server roles alike.
