//! The whole system in a test: seeded network and disk, fake clock, scripted peers.
