//! Which sessions listen: those that call something, those that only carry files, and those that
//! say who they are and nothing more.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use heliogram_ids::{Timestamp, UserId};
use parking_lot::Mutex;

use super::service::Gateway;
use super::session::Session;

/// How long a session is given to show what it is for. Whoever opens one for files asks for them at
/// once.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a session has shown of itself.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Shown {
    /// Nothing yet.
    #[default]
    Nothing,
    /// Who its client is, and it has been given time for more.
    Introduction,
    /// Who its client is, and no more in all that time.
    Silence,
    /// That it carries files.
    Files,
}

/// Sessions that have introduced themselves, by the end of their time. Each is in here once, so
/// there are never more than there are sessions.
#[derive(Default)]
pub(super) struct Introduced {
    waiting: Mutex<VecDeque<(Timestamp, Arc<Session>)>>,
}

impl Introduced {
    fn wait(&self, until: Timestamp, session: &Arc<Session>) {
        self.waiting.lock().push_back((until, Arc::clone(session)));
    }

    /// The next one whose time is over.
    fn next(&self, now: Timestamp) -> Option<Arc<Session>> {
        let mut waiting = self.waiting.lock();
        let (until, _) = waiting.front()?;
        if *until <= now { waiting.pop_front().map(|(_, session)| session) } else { None }
    }
}

impl Gateway {
    /// Draws conclusions from what a session calls. That it binds its key or carries a login over
    /// says nothing: sessions for files do so, too.
    // Seen: pyrogram 2.0.106 opens a session for each transfer, calls help.getConfig and upload.* in
    // it, and shows whatever is pushed there as if it were new.
    pub(super) fn note_call(
        &self,
        session: &Arc<Session>,
        user: Option<UserId>,
        method: &str,
        is_introduction: bool,
        now: Timestamp,
    ) {
        if method.starts_with("upload.") {
            self.carries_files(session, now);
        } else if !method.starts_with("help.") && !method.starts_with("auth.") {
            self.online.subscribe(session, user);
        } else if is_introduction && user.is_some() {
            let shown = &mut session.state.lock().shown;
            if *shown == Shown::Nothing {
                *shown = Shown::Introduction;
                self.introduced.wait(now + PATIENCE, session);
            }
        }
    }

    /// A session for files is no ear. If it was taken for one, its silent siblings are asked again.
    fn carries_files(&self, session: &Arc<Session>, now: Timestamp) {
        session.state.lock().shown = Shown::Files;
        if !self.online.dismiss(session) {
            return;
        }
        for sibling in self.sessions.of_key(session.key.id()) {
            if sibling.state.lock().shown == Shown::Silence {
                self.introduced.wait(now, &sibling);
            }
        }
    }

    /// Lets sessions that have been silent for long enough hear updates, one for each key without
    /// an ear.
    // Seen: pyrogram 2.0.106, kurigram 2.2.26 come back to a server that has lost their session with
    // help.getConfig and pings, and listen.
    pub(super) fn lend_ears(&self, now: Timestamp) {
        while let Some(session) = self.introduced.next(now) {
            let is_here = {
                let mut state = session.state.lock();
                if state.shown == Shown::Introduction {
                    state.shown = Shown::Silence;
                }
                state.shown == Shown::Silence && state.idle_since.is_none()
            };
            let user = session.key.permanent().and_then(|key| key.identity().user);
            if let (true, Some(user)) = (is_here && self.sessions.has(&session), user) {
                self.online.stand_in(&session, user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use heliogram_tl as tl;
    use heliogram_tl::{Encode as _, Raw};

    use super::*;
    use crate::gateway::fixture::Desk;

    /// A person with two silent sessions on one key, as after a crash.
    struct Stage {
        desk: Desk,
        user: UserId,
        sessions: [Arc<Session>; 2],
    }

    impl Stage {
        fn new() -> Self {
            let mut desk = Desk::new();
            let user = desk.cloud.person("Alice");
            let first = desk.log_in(1, user);
            let second = desk.open(first.key.id(), 2);
            let mut stage = Self { desk, user, sessions: [first, second] };
            stage.introduce(0);
            stage.introduce(1);
            stage
        }

        fn introduce(&mut self, which: usize) {
            let query = Raw(tl::help::GetConfig {}.to_bytes().into());
            let query = Raw(tl::InitConnection { query, ..Default::default() }.to_bytes().into());
            let layer = tl::LAYER;
            self.desk.ask(&self.sessions[which], &tl::InvokeWithLayer { layer, query });
        }

        fn ask_for_file(&mut self, which: usize) {
            let part = tl::upload::SaveFilePart { file_id: 1, file_part: 0, bytes: vec![1].into() };
            self.desk.ask(&self.sessions[which], &part);
        }

        /// Housekeeping, so many seconds after everything began.
        fn tick(&self, seconds: u64) {
            self.desk.gateway.tick(self.desk.cloud.now + Duration::from_secs(seconds));
        }

        fn check(&self, expected: &[usize]) {
            let ears = self.desk.gateway.online.sessions(self.user);
            let is_ear =
                |which: &usize| ears.iter().any(|ear| Arc::ptr_eq(ear, &self.sessions[*which]));
            let found: Vec<usize> = (0..2).filter(is_ear).collect();
            assert_eq!((found.as_slice(), ears.len()), (expected, expected.len()));
        }
    }

    #[test]
    fn who_only_introduces_itself_is_heard_after_a_while() {
        let stage = Stage::new();
        stage.tick(9);
        stage.check(&[]);
        stage.tick(10);
        stage.check(&[0]);
    }

    #[test]
    fn a_silent_session_is_no_ear_beside_one_that_calls() {
        let mut stage = Stage::new();
        stage.desk.ask(&stage.sessions[1].clone(), &tl::updates::GetState {});
        stage.tick(10);
        stage.check(&[1]);
    }

    #[test]
    fn who_calls_takes_over_from_the_silent_one() {
        let mut stage = Stage::new();
        stage.tick(10);
        stage.desk.ask(&stage.sessions[1].clone(), &tl::updates::GetState {});
        stage.check(&[1]);
        stage.desk.ask(&stage.sessions[0].clone(), &tl::updates::GetState {});
        stage.check(&[0, 1]);
    }

    #[test]
    fn a_session_for_files_is_never_an_ear_by_silence() {
        let mut stage = Stage::new();
        stage.ask_for_file(0);
        stage.tick(10);
        stage.check(&[1]);
    }

    #[test]
    fn an_ear_that_turns_out_to_carry_files_passes_it_on() {
        let mut stage = Stage::new();
        stage.tick(10);
        stage.check(&[0]);
        stage.ask_for_file(0);
        stage.check(&[]);
        stage.tick(11);
        stage.check(&[1]);
    }

    #[test]
    fn files_do_not_make_a_listener_deaf() {
        let mut stage = Stage::new();
        stage.desk.ask(&stage.sessions[0].clone(), &tl::updates::GetState {});
        stage.ask_for_file(0);
        stage.check(&[0]);
    }

    #[test]
    fn nobody_listens_for_who_is_away_or_gone() {
        let stage = Stage::new();
        stage.sessions[0].state.lock().idle_since = Some(stage.desk.cloud.now);
        stage.desk.gateway.end_session(stage.sessions[1].name());
        stage.tick(10);
        stage.check(&[]);
    }
}
