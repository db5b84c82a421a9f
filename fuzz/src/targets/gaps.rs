//! The engine that puts updates in order, told everything that a server could tell it, in any order, and
//! more that no server should.
//!
//! Against an honest server that loses, doubles and reorders, every update is delivered once and in order.
//! Against a liar nothing panics, nothing spins, and no more fetches are under way than may be.

use std::collections::BTreeSet;
use std::time::Duration;

use arbitrary::{Arbitrary, Unstructured};
use heliogram_client::session::UpdateState;
use heliogram_client::updates::{GapEngine, GapEvent, Mark};
use heliogram_ids::{ChannelId, Timestamp, UserId};
use heliogram_tl as tl;

use super::script;

#[derive(Arbitrary, Debug)]
enum Step {
    /// Something happens, and this many positions pass by.
    Happen {
        count: u8,
    },
    /// A push goes out; the newest, or an older one.
    Push {
        which: u8,
    },
    Interrupted,
    TooLong,
    Answer,
    Wait {
        millis: u16,
    },
    Lie(Lie),
}

#[derive(Arbitrary, Debug)]
enum Lie {
    Common { pts: i32, count: i32 },
    Secondary { qts: i32 },
    Channel { id: i64, pts: i32, count: i32 },
    ChannelMoved { id: i64, pts: Option<i32> },
    Container { first: i32, last: i32, pts: i32 },
    State { pts: i32, qts: i32, seq: i32 },
    Difference { pts: i32, is_slice: bool },
    TooLong { pts: i32 },
    ChannelDifference { id: i64, pts: i32, is_final: bool },
    Affected { pts: i32, count: i32 },
}

pub(super) fn check(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let may_lie = input.arbitrary::<bool>().unwrap_or_default();
    let mut world = World::new();
    for step in script::<Step>(&mut input) {
        match step {
            Step::Lie(lie) if may_lie => world.lie(lie),
            Step::Lie(_) => {}
            step => world.step(step),
        }
        world.drain(may_lie);
    }
    if !may_lie {
        world.settle();
    }
}

struct World {
    engine: GapEngine,
    now: Timestamp,
    /// Where each thing that happened ends.
    happened: Vec<(i32, i32)>,
    delivered: Vec<i32>,
    state: UpdateState,
    /// Fetches that wait for an answer, by where they begin.
    asked: Vec<i32>,
    channels_asked: BTreeSet<i64>,
}

impl World {
    fn new() -> Self {
        let me = UserId::new(1).expect("in range");
        let state = UpdateState { pts: 1, qts: 1, date: 1, seq: 1 };
        let now = Timestamp::from_secs(1_700_000_000);
        Self {
            engine: GapEngine::new(now, me, Some(state), []),
            now,
            happened: Vec::new(),
            delivered: Vec::new(),
            state,
            asked: Vec::new(),
            channels_asked: BTreeSet::new(),
        }
    }

    fn end(&self) -> i32 {
        self.happened.last().map_or(1, |(end, _)| *end)
    }

    fn update(&self, which: usize) -> tl::Update {
        let (pts, pts_count) = self.happened[which];
        let messages = vec![i32::try_from(which).unwrap_or(0)];
        tl::types::UpdateDeleteMessages { messages, pts, pts_count }.into()
    }

    fn push(&mut self, update: tl::Update) {
        self.engine.handle_updates(self.now, tl::types::UpdateShort { update, date: 1 }.into());
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Happen { count } => {
                let count = i32::from(count % 4) + 1;
                self.happened.push((self.end() + count, count));
            }
            Step::Push { which } => {
                if let Some(newest) = self.happened.len().checked_sub(1) {
                    self.push(self.update(newest.saturating_sub(usize::from(which))));
                }
            }
            Step::Interrupted => self.engine.handle_interruption(),
            Step::TooLong => self.engine.handle_updates(self.now, tl::Updates::UpdatesTooLong),
            Step::Answer => self.answer(),
            Step::Wait { millis } => {
                self.now = self.now + Duration::from_millis(millis.into());
                self.engine.handle_timeout(self.now);
            }
            Step::Lie(_) => {}
        }
    }

    /// Answers a fetch as an honest server does, a few updates at a time.
    fn answer(&mut self) {
        let Some(from) = self.asked.pop() else { return };
        let missed: Vec<_> =
            (0..self.happened.len()).filter(|which| self.happened[*which].0 > from).collect();
        let given = &missed[..missed.len().min(SLICE)];
        let pts = given.last().map_or(from, |which| self.happened[*which].0);
        let other_updates = given.iter().map(|which| self.update(*which)).collect();
        let state = tl::types::updates::State { pts, qts: 1, date: 1, seq: 1, unread_count: 0 };
        let difference: tl::updates::Difference = if missed.is_empty() {
            tl::types::updates::DifferenceEmpty { date: 1, seq: 1 }.into()
        } else if given.len() < missed.len() {
            let intermediate_state = state.into();
            tl::types::updates::DifferenceSlice {
                other_updates,
                intermediate_state,
                ..Default::default()
            }
            .into()
        } else {
            tl::types::updates::Difference {
                other_updates,
                state: state.into(),
                ..Default::default()
            }
            .into()
        };
        self.engine.handle_difference(self.now, difference);
    }

    fn drain(&mut self, may_lie: bool) {
        for _ in 0..EVENTS_MAX {
            match self.engine.poll_event() {
                None => return,
                Some(GapEvent::Deliver { update, .. }) => {
                    if let tl::Update::UpdateDeleteMessages(update) = *update
                        && !may_lie
                    {
                        self.delivered.extend(update.messages);
                    }
                }
                Some(GapEvent::Handled(Mark::Common(pts))) => self.state.pts = pts,
                Some(GapEvent::Handled(Mark::State(state))) => self.state = state,
                Some(GapEvent::FetchDifference(from)) => {
                    assert!(self.asked.is_empty() || may_lie, "asked twice at once");
                    self.asked.push(from.pts);
                }
                Some(GapEvent::FetchChannelDifference { id, .. }) => {
                    let is_new = self.channels_asked.insert(id.get());
                    assert!(is_new, "a channel is asked about twice at once");
                    assert!(self.channels_asked.len() <= FETCHES_MAX || may_lie);
                }
                Some(_) => {}
            }
        }
        panic!("there is no end of events");
    }

    fn lie(&mut self, lie: Lie) {
        let now = self.now;
        match lie {
            Lie::Common { pts, count } => self.push(
                tl::types::UpdateDeleteMessages { messages: vec![], pts, pts_count: count }.into(),
            ),
            Lie::Secondary { qts } => self.push(
                tl::types::UpdateBotStopped { user_id: 1, date: 1, stopped: true, qts }.into(),
            ),
            Lie::Channel { id, pts, count } => self.push(
                tl::types::UpdateDeleteChannelMessages {
                    channel_id: id % 8,
                    messages: vec![],
                    pts,
                    pts_count: count,
                }
                .into(),
            ),
            Lie::ChannelMoved { id, pts } => {
                self.push(tl::types::UpdateChannelTooLong { channel_id: id % 8, pts }.into());
            }
            Lie::Container { first, last, pts } => {
                let update =
                    tl::types::UpdateDeleteMessages { messages: vec![], pts, pts_count: 1 };
                let updates = vec![update.into()];
                let container = tl::types::UpdatesCombined {
                    updates,
                    date: 1,
                    seq_start: first,
                    seq: last,
                    ..Default::default()
                };
                self.engine.handle_updates(now, container.into());
            }
            Lie::State { pts, qts, seq } => {
                self.engine.handle_state(now, UpdateState { pts, qts, date: 1, seq });
            }
            Lie::Difference { pts, is_slice } => {
                let _ = self.asked.pop();
                let state =
                    tl::types::updates::State { pts, qts: 1, date: 1, seq: 1, unread_count: 0 };
                let difference: tl::updates::Difference = if is_slice {
                    let intermediate_state = state.into();
                    tl::types::updates::DifferenceSlice { intermediate_state, ..Default::default() }
                        .into()
                } else {
                    tl::types::updates::Difference { state: state.into(), ..Default::default() }
                        .into()
                };
                self.engine.handle_difference(now, difference);
            }
            Lie::TooLong { pts } => {
                let _ = self.asked.pop();
                let difference = tl::types::updates::DifferenceTooLong { pts };
                self.engine.handle_difference(now, difference.into());
            }
            Lie::ChannelDifference { id, pts, is_final } => {
                let Some(id) = ChannelId::new(id % 8) else { return };
                self.channels_asked.remove(&id.get());
                let difference = tl::types::updates::ChannelDifference {
                    r#final: is_final,
                    pts,
                    ..Default::default()
                };
                self.engine.handle_channel_difference(now, id, difference.into());
            }
            Lie::Affected { pts, count } => self.engine.handle_affected(now, pts, count),
        }
    }

    /// The connection comes back, and what was missed is told.
    fn settle(&mut self) {
        self.engine.handle_interruption();
        for _ in 0..=2 * self.happened.len() + 4 {
            self.drain(false);
            self.answer();
        }
        self.drain(false);
        assert!(self.asked.is_empty(), "it asks for ever");
        let expected: Vec<_> = (0..i32::try_from(self.happened.len()).unwrap_or(0)).collect();
        assert_eq!(self.delivered, expected);
        assert_eq!(self.state.pts, self.end());
        assert_eq!(self.engine.state().pts, self.end());
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let noise = super::noise(12, 300).into_iter().enumerate();
    noise.map(|(at, noise)| [&[(at & 1) as u8][..], &noise].concat()).collect()
}

const SLICE: usize = 3;
const EVENTS_MAX: usize = 100_000;
const FETCHES_MAX: usize = 4;
