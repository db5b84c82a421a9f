//! The acts: what somebody hostile does, and how much memory they may cost while they do.

mod bots;
mod connections;
mod files;
mod guesses;
mod handshakes;
mod messages;
mod openings;

use std::io;
use std::pin::Pin;

use crate::field::Field;

/// One hostile act.
pub(crate) struct Act {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    /// Further flags of the server.
    pub(crate) flags: &'static [&'static str],
    /// How many megabytes the server may take on top of what it took before.
    pub(crate) memory_mb: u64,
    pub(crate) play: fn(Field) -> Playing,
}

/// An act that is going on.
pub(crate) type Playing = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

const PRODUCTION: &[&str] = &["--production"];
const LOCAL: &[&str] = &["--local"];

macro_rules! acts {
    ($($name:literal $module:ident::$play:ident $flags:expr, $memory_mb:literal, $what:literal;)*) => {
        /// All of them.
        pub(crate) const ACTS: &[Act] = &[$(Act {
            name: $name,
            what: $what,
            flags: $flags,
            memory_mb: $memory_mb,
            play: |field| Box::pin($module::$play(field)),
        }),*];
    };
}

acts! {
    "req-pq"          handshakes::req_pq         &[], 100, "handshakes are begun without end";
    "half-handshakes" handshakes::halves         &[], 200, "handshakes stop after each step";
    "wrong-proofs"    handshakes::wrong_proofs   &[], 100, "right factors, and nonsense for RSA to open";
    "new-keys"        handshakes::new_keys       &[], 200, "keys are made and never used";
    "temporary-keys"  handshakes::temporary_keys &[], 200, "temporary keys are made and never bound";
    "silence"         connections::silence       &[], 200, "thousands connect and say nothing";
    "slow-loris"      connections::slow_loris    &[], 200, "thousands say a byte now and then, in every transport";
    "hang-ups"        connections::hang_ups      &[], 100, "connections come and go as fast as they can";
    "deaf"            connections::deaf          &[], 700, "files are asked for and never read";
    "long-frames"     connections::long_frames   &[], 700, "frames of 16 MB are begun and never finished";
    "pings"           messages::pings            &[], 200, "containers of a thousand pings";
    "requests"        messages::requests         &[], 200, "containers of a thousand requests";
    "bombs"           messages::bombs            &[], 200, "containers of a thousand gzip bombs";
    "nesting"         messages::nesting          &[], 200, "containers in containers, bombs in bombs, wrappers in wrappers";
    "service"         messages::service          &[], 200, "service messages with thousands of ids";
    "chains"          messages::chains           &[], 200, "requests that wait for requests that wait";
    "sessions"        messages::sessions         &[], 300, "a new session for each message";
    "http-waits"      messages::http_waits       &[], 200, "long polls over HTTP by the hundred";
    "half-logins"     guesses::half_logins       PRODUCTION, 200, "codes are asked for, for ever new numbers";
    "login-tokens"    guesses::login_tokens      PRODUCTION, 200, "pictures to log in with are asked for";
    "guess-codes"     guesses::codes             PRODUCTION, 200, "login codes of one account are guessed from everywhere";
    "guess-tokens"    guesses::bot_tokens        PRODUCTION, 200, "bots' tokens are guessed from everywhere";
    "scraping"        guesses::usernames         PRODUCTION, 200, "usernames are tried from everywhere";
    "passwords"       guesses::passwords         &[], 100, "the password of an account is guessed by those who have its code";
    "uploads"         files::uploads             &[], 200, "files are begun and never finished";
    "downloads"       files::downloads           &[], 300, "one file is fetched without end";
    "bot-strangers"   bots::strangers            &[], 200, "tokens that nobody has";
    "bot-polls"       bots::polls                &[], 200, "hundreds of polls of one bot";
    "bot-bodies"      bots::bodies               &[], 200, "bodies that never end, and bombs";
    "webhooks"        bots::webhooks             LOCAL, 200, "a webhook that takes and never answers";
}
