//! Identifiers. Bounded ones are parsed by `new`; opaque 64-bit ones take any value.

/// An id that is valid only within a range: `new` refuses the rest.
macro_rules! bounded {
    ($(#[$doc:meta])* $name:ident($raw:ty), $min:expr, $max:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name($raw);

        impl $name {
            /// The smallest valid id.
            pub const MIN: Self = Self($min);
            /// The greatest valid id.
            pub const MAX: Self = Self($max);

            /// The id, if `raw` lies within the valid range.
            pub const fn new(raw: $raw) -> Option<Self> {
                if Self::MIN.0 <= raw && raw <= Self::MAX.0 { Some(Self(raw)) } else { None }
            }

            /// The number as it stands on the wire.
            pub const fn get(self) -> $raw {
                self.0
            }

            /// The id that follows, unless the range is exhausted.
            pub const fn next(self) -> Option<Self> {
                match self.0.checked_add(1) { Some(raw) => Self::new(raw), None => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

/// An opaque number: any value is valid and none has a meaning of its own.
macro_rules! opaque {
    ($(#[$doc:meta])* $name:ident($raw:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(pub $raw);

        impl $name {
            /// The number as it stands on the wire.
            pub const fn get(self) -> $raw {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

bounded! {
    /// Id of a user or bot: positive, at most 40 bits.
    UserId(i64), 1, (1 << 40) - 1
}
bounded! {
    /// Id of a basic group. Such groups have no access hash.
    ChatId(i64), 1, 999_999_999_999
}
bounded! {
    /// Id of a channel or supergroup, monoforums included.
    ChannelId(i64), 1, 2_999_999_999_999
}
bounded! {
    /// Id of a message within its box: an account's common box, or one channel.
    MessageId(i32), 1, i32::MAX
}
bounded! {
    /// Number of a data centre as clients know it.
    DcId(i32), 1, 1000
}
bounded! {
    /// Version of the API schema, as declared by `invokeWithLayer`.
    Layer(i32), 1, 100_000
}

opaque! {
    /// Identifier of one MTProto message in a session: about unix time × 2³².
    MsgId(i64)
}
opaque! {
    /// MTProto session: chosen by the client, unique per authorization key.
    SessionId(i64)
}
opaque! {
    /// Server salt of an authorization key.
    Salt(i64)
}
opaque! {
    /// The lower 64 bits of the SHA-1 of an authorization key.
    AuthKeyId(i64)
}
opaque! {
    /// Proof that its holder was shown a peer or a file; worth nothing to another account.
    AccessHash(i64)
}
opaque! {
    /// Chosen by the sender, so that a repeated send is recognised.
    RandomId(i64)
}
opaque! {
    /// Identifier of a photo, a document or an upload.
    FileId(i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_outside_their_range_do_not_exist() {
        assert_eq!(UserId::new(0), None);
        assert_eq!(UserId::new(-5), None);
        assert_eq!(UserId::new(1 << 40), None);
        assert_eq!(UserId::new(777_000).map(UserId::get), Some(777_000));
        assert_eq!(MessageId::MAX.next(), None);
    }
}
