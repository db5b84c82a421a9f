//! Keys that are always equally long, so that a part of a longer one is found by counting bytes.

use heliogram_ids::{ChannelId, ChatId, Peer, UserId};

use super::Key;

/// A key whose encoding always has the same length.
pub trait FixedKey: Key {
    /// That length.
    const BYTES: usize;
}

macro_rules! fixed {
    ($($type:ty = $bytes:expr;)*) => {$(
        impl FixedKey for $type {
            const BYTES: usize = $bytes;
        }
    )*};
}

fixed! {
    u8 = 1;
    u16 = 2;
    u32 = 4;
    u64 = 8;
    i32 = 4;
    i64 = 8;
    UserId = 8;
    ChatId = 8;
    ChannelId = 8;
    // Its kind first.
    Peer = 9;
}

impl<A: FixedKey, B: FixedKey> FixedKey for (A, B) {
    const BYTES: usize = A::BYTES + B::BYTES;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<K: FixedKey>(key: &K) {
        let mut bytes = Vec::new();
        key.encode(&mut bytes);
        assert_eq!(bytes.len(), K::BYTES);
    }

    #[test]
    fn every_key_is_as_long_as_it_says() {
        check(&1_u8);
        check(&1_u16);
        check(&1_u32);
        check(&1_u64);
        check(&1_i32);
        check(&1_i64);
        let user = UserId::new(1).unwrap();
        check(&user);
        check(&ChatId::new(1).unwrap());
        check(&ChannelId::new(1).unwrap());
        check(&Peer::User(user));
        check(&(user, Peer::User(user)));
    }
}
