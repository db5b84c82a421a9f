//! Counters of the update sequences.
//!
//! Spec: core.telegram.org/api/updates#update-sequences.

/// Position in a common or a channel update sequence. A new box stands at 1.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Pts(i32);

/// How many positions one update takes in its sequence.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PtsCount(i32);

/// Position in the secondary sequence: secret chats, and events for bots.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Qts(i32);

/// Number of an update container. Constant here: every container is sent unordered.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Seq(i32);

impl Pts {
    /// Where every box begins. TDLib refuses an update whose pts does not exceed its count.
    pub const START: Self = Self(1);

    /// A position read from the wire or from storage; zero and less do not exist.
    pub const fn new(raw: i32) -> Option<Self> {
        if raw >= 1 { Some(Self(raw)) } else { None }
    }

    /// The number as it stands on the wire.
    pub const fn get(self) -> i32 {
        self.0
    }

    /// The position after `count` more.
    #[must_use]
    pub const fn advance(self, count: PtsCount) -> Self {
        Self(self.0 + count.0)
    }
}

impl PtsCount {
    /// The count of most updates.
    pub const ONE: Self = Self(1);
    /// The count of an update that moves nothing.
    pub const ZERO: Self = Self(0);

    /// A count; negative ones do not exist.
    pub const fn new(raw: i32) -> Option<Self> {
        if raw >= 0 { Some(Self(raw)) } else { None }
    }

    /// The number as it stands on the wire.
    pub const fn get(self) -> i32 {
        self.0
    }
}

impl Qts {
    /// Where every account begins.
    pub const START: Self = Self(1);

    /// A position read from the wire or from storage; zero and less do not exist.
    pub const fn new(raw: i32) -> Option<Self> {
        if raw >= 1 { Some(Self(raw)) } else { None }
    }

    /// The number as it stands on the wire.
    pub const fn get(self) -> i32 {
        self.0
    }

    /// The next position: every event counts one.
    #[must_use]
    pub const fn advance(self) -> Self {
        Self(self.0 + 1)
    }
}

impl Seq {
    /// The constant that every state carries. Telethon takes 0 for "no state".
    pub const CONSTANT: Self = Self(1);

    /// The number as it stands on the wire.
    pub const fn get(self) -> i32 {
        self.0
    }
}
