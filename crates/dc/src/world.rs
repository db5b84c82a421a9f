//! What all requests share: settings, secrets, files, and soft state that may be lost in a crash.

use heliogram_net::Entropy;
use heliogram_store::Blobs;

use crate::config::Config;
use crate::domain::access::AccessSecret;
use crate::domain::callbacks::Callbacks;
use crate::domain::files::parts::Uploads;
use crate::domain::passwords::Challenges;
use crate::domain::presence::Presence;
use crate::limits::Limits;

/// The surroundings of every request.
pub(crate) struct World {
    pub(crate) config: Config,
    /// From which access hashes and file references are derived.
    pub(crate) access: AccessSecret,
    pub(crate) blobs: Box<dyn Blobs>,
    /// Files on their way up.
    pub(crate) uploads: Uploads,
    /// Who is online.
    pub(crate) presence: Presence,
    /// Password proofs that were asked for.
    pub(crate) challenges: Challenges,
    /// Pressed buttons that wait for their bots.
    pub(crate) callbacks: Callbacks,
    /// Where requests draw their randomness from; seeded in tests.
    pub(crate) entropy: Entropy,
}

impl World {
    pub(crate) const fn limits(&self) -> &Limits {
        &self.config.limits
    }
}
