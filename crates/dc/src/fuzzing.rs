//! Doors for the fuzzer: a cloud in memory that answers requests as they come off the wire, and the
//! stored records.
//!
//! Built with `--cfg fuzzing` only, which nobody but `cargo xtask fuzz` sets.

use std::time::Duration;

use bytes::Bytes;
use heliogram_ids::UserId;
use heliogram_store::Record;
use heliogram_tl::Reader;

use crate::error::RpcError;
use crate::fixture::Fixture;
use crate::gateway::unwrapped;
use crate::record;
use crate::rpc::route::Answer;

/// A cloud with two people and a bot in it.
pub struct Cloud {
    fixture: Fixture,
    accounts: [UserId; 3],
}

/// What a request came to.
#[derive(Debug)]
pub enum Outcome {
    /// The function of the newest layer that was called, and its boxed result.
    Answer(u32, Vec<u8>),
    /// The answer is for later.
    Parked,
    /// What goes on the wire instead.
    Error(i32, String),
}

impl Cloud {
    /// People who know each other.
    pub fn new() -> Self {
        let mut fixture = Fixture::new();
        let (alice, bob) = (fixture.person("alice"), fixture.person("bob"));
        let bot = fixture.bot("fuzz_bot", alice);
        fixture.key(7);
        Self { fixture, accounts: [alice, bob, bot] }
    }

    /// The accounts: two people, then a bot.
    pub fn accounts(&self) -> [i64; 3] {
        self.accounts.map(UserId::get)
    }

    /// The hash by which one account names another.
    pub fn hash(&self, viewer: usize, user_id: i64) -> Option<i64> {
        let user = UserId::new(user_id)?;
        let input = self.fixture.input_user(self.accounts[viewer % self.accounts.len()], user);
        match input {
            heliogram_tl::InputUser::InputUser(input) => Some(input.access_hash),
            _ => None,
        }
    }

    /// Moves the clock.
    pub fn wait(&mut self, span: Duration) {
        self.fixture.wait(span);
    }

    /// Takes one request, wrappers and all, of an account or of nobody.
    pub fn ask(&mut self, who: Option<usize>, request: &Bytes) -> Outcome {
        match self.answer(who, request) {
            Ok(outcome) => outcome,
            Err(error) => {
                let said = error.to_string();
                let name = said.split_once(' ').map_or(said.as_str(), |(_, name)| name);
                Outcome::Error(error.code(), name.to_owned())
            }
        }
    }

    fn answer(&mut self, who: Option<usize>, request: &Bytes) -> Result<Outcome, RpcError> {
        let query = unwrapped(request)?;
        let body = heliogram_tl::layer::upgrade_request(&query);
        let body = body.map_err(|_| RpcError::INPUT_FETCH_ERROR)?;
        let body = Bytes::copy_from_slice(&body);
        let id = Reader::of(&body).u32().map_err(|_| RpcError::INPUT_FETCH_ERROR)?;
        let me = who.map(|who| self.accounts[who % self.accounts.len()]);
        Ok(match self.fixture.dispatch(me, id, body)? {
            Answer::Now(answer) => Outcome::Answer(id, answer),
            Answer::Parked(_) => Outcome::Parked,
        })
    }
}

impl Default for Cloud {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads bytes as every kind of record, and hands what can be read to `found` as its name, as it was
/// written again, and as that reads and writes once more.
pub fn records(bytes: &[u8], mut found: impl FnMut(&'static str, Vec<u8>, Option<Vec<u8>>)) {
    macro_rules! each {
        ($($row:ident),* $(,)?) => {$(
            if let Ok(row) = record::$row::from_record(bytes) {
                let written = row.to_record();
                let again = record::$row::from_record(&written).ok().map(|row| row.to_record());
                found(stringify!($row), written, again);
            }
        )*};
    }
    each!(
        AuthKeyRow,
        BotCommands,
        BoxState,
        Contact,
        DialogRow,
        DocumentRow,
        FatherDialogue,
        LoginCode,
        LoginToken,
        MessageRow,
        NotifySettings,
        Password,
        PhotoRow,
        PrivacyRules,
        Sent,
        UpdateRow,
        UserRow,
    );
}
