//! The engine against a model server that loses, doubles and reorders what it pushes.

use std::time::Duration;

use heliogram_ids::{ChannelId, Timestamp, UserId};
use heliogram_tl as tl;
use proptest::prelude::*;

use super::*;
use crate::session::UpdateState;
use crate::updates::place::{Mark, Place};

const START: Timestamp = Timestamp::from_secs(1_700_000_000);
const CHANNEL: i64 = 77;

fn me() -> UserId {
    UserId::new(1).expect("in range")
}

fn channel() -> ChannelId {
    ChannelId::new(CHANNEL).expect("in range")
}

fn state(pts: i32, qts: i32) -> UpdateState {
    UpdateState { pts, qts, date: 1, seq: 1 }
}

/// What happened, in the order of each sequence. Ids are consecutive within a box.
#[derive(Default)]
struct Server {
    common: Vec<tl::Update>,
    secondary: Vec<tl::Update>,
    channel: Vec<tl::Update>,
    slice: usize,
}

impl Server {
    fn with(counts: &[i32], secondary: usize, channel: &[i32], slice: usize) -> Self {
        let mut server = Self { slice: slice.max(1), ..Self::default() };
        let mut pts = 1;
        for (id, count) in counts.iter().enumerate() {
            pts += count;
            let messages = vec![id as i32];
            let update = tl::types::UpdateDeleteMessages { messages, pts, pts_count: *count };
            server.common.push(update.into());
        }
        for id in 0..secondary {
            let update = tl::types::UpdateBotStopped {
                user_id: id as i64,
                date: 1,
                stopped: true,
                qts: id as i32 + 2,
            };
            server.secondary.push(update.into());
        }
        let mut pts = 1;
        for (id, count) in channel.iter().enumerate() {
            pts += count;
            server.channel.push(
                tl::types::UpdateDeleteChannelMessages {
                    channel_id: CHANNEL,
                    messages: vec![id as i32],
                    pts,
                    pts_count: *count,
                }
                .into(),
            );
        }
        server
    }

    fn pushes(&self) -> Vec<tl::Update> {
        [&self.common, &self.secondary, &self.channel].into_iter().flatten().cloned().collect()
    }

    fn difference(&self, from: UpdateState) -> tl::updates::Difference {
        let missed = |update: &&tl::Update| match Place::of(update) {
            Place::Common { pts, .. } => pts > from.pts,
            Place::Secondary { qts } => qts > from.qts,
            _ => false,
        };
        let all: Vec<_> = self.common.iter().chain(&self.secondary).filter(missed).collect();
        let given: Vec<_> = all.iter().take(self.slice).map(|update| (*update).clone()).collect();
        let mut to = from;
        for update in &given {
            match Place::of(update) {
                Place::Common { pts, .. } => to.pts = pts,
                Place::Secondary { qts } => to.qts = qts,
                _ => {}
            }
        }
        let wire = tl::types::updates::State {
            pts: to.pts,
            qts: to.qts,
            date: 1,
            seq: 1,
            unread_count: 0,
        };
        match (given.len(), all.len()) {
            (0, 0) => tl::types::updates::DifferenceEmpty { date: 1, seq: 1 }.into(),
            (given_len, all_len) if given_len < all_len => tl::types::updates::DifferenceSlice {
                other_updates: given,
                intermediate_state: wire.into(),
                ..Default::default()
            }
            .into(),
            _ => tl::types::updates::Difference {
                other_updates: given,
                state: wire.into(),
                ..Default::default()
            }
            .into(),
        }
    }

    fn channel_difference(&self, from: i32) -> tl::updates::ChannelDifference {
        let end = |update: &tl::Update| match Place::of(update) {
            Place::Channel { pts, .. } => pts,
            _ => 0,
        };
        let all: Vec<_> = self.channel.iter().filter(|update| end(update) > from).collect();
        let given: Vec<_> = all.iter().take(self.slice).map(|update| (*update).clone()).collect();
        let Some(last) = given.last() else {
            return tl::types::updates::ChannelDifferenceEmpty {
                r#final: true,
                pts: from,
                timeout: None,
            }
            .into();
        };
        tl::types::updates::ChannelDifference {
            r#final: given.len() == all.len(),
            pts: end(last),
            other_updates: given.clone(),
            ..Default::default()
        }
        .into()
    }
}

/// What came out, as ids per box, and the marks that would have been written down.
#[derive(Default)]
struct Handler {
    common: Vec<i64>,
    secondary: Vec<i64>,
    channel: Vec<i64>,
    state: UpdateState,
    channel_pts: i32,
}

impl Handler {
    fn take(&mut self, update: &tl::Update) {
        match update {
            tl::Update::UpdateDeleteMessages(u) => self.common.push(u.messages[0].into()),
            tl::Update::UpdateBotStopped(u) => self.secondary.push(u.user_id),
            tl::Update::UpdateDeleteChannelMessages(u) => self.channel.push(u.messages[0].into()),
            other => panic!("not of this test: {other:?}"),
        }
    }

    fn mark(&mut self, mark: Mark) {
        match mark {
            Mark::Common(pts) => self.state.pts = pts,
            Mark::Secondary(qts) => self.state.qts = qts,
            Mark::Channel(_, pts) => self.channel_pts = pts,
            Mark::State(state) => self.state = state,
            Mark::Container { .. } | Mark::Left(_) => {}
        }
    }
}

fn run(engine: &mut GapEngine, now: Timestamp, server: &Server, handler: &mut Handler) {
    while let Some(event) = engine.poll_event() {
        match event {
            GapEvent::Deliver { update, .. } => handler.take(&update),
            GapEvent::Handled(mark) => handler.mark(mark),
            GapEvent::FetchDifference(from) => {
                engine.handle_difference(now, server.difference(from));
            }
            GapEvent::FetchChannelDifference { pts, .. } => {
                engine.handle_channel_difference(now, channel(), server.channel_difference(pts));
            }
            GapEvent::FetchState | GapEvent::Lost { .. } => {
                panic!("nothing of the kind: {event:?}")
            }
        }
    }
}

fn push(engine: &mut GapEngine, now: Timestamp, update: tl::Update) {
    engine.handle_updates(now, tl::types::UpdateShort { update, date: 1 }.into());
}

proptest! {
    #[test]
    fn every_update_comes_once_and_in_order(
        counts in prop::collection::vec(1..4_i32, 0..24),
        secondary in 0..12_usize,
        channel_counts in prop::collection::vec(1..3_i32, 0..16),
        slice in 1..6_usize,
        // Which push goes out next (the same one perhaps twice), and how long passes before it.
        course in prop::collection::vec((any::<prop::sample::Index>(), 0..400_u64), 0..80),
    ) {
        let server = Server::with(&counts, secondary, &channel_counts, slice);
        let pushes = server.pushes();
        let mut engine = GapEngine::new(START, me(), Some(state(1, 1)), [(channel(), 1)]);
        // The first difference is answered while nothing has happened yet.
        engine.poll_event();
        engine.handle_difference(
            START,
            tl::types::updates::DifferenceEmpty { date: 1, seq: 1 }.into(),
        );
        let mut handler = Handler::default();
        let mut now = START;
        for (index, millis) in course {
            if pushes.is_empty() {
                break;
            }
            now = now + Duration::from_millis(millis);
            engine.handle_timeout(now);
            run(&mut engine, now, &server, &mut handler);
            push(&mut engine, now, index.get(&pushes).clone());
            run(&mut engine, now, &server, &mut handler);
        }
        // The connection comes back: what was never pushed is asked for.
        engine.handle_interruption();
        push(
            &mut engine,
            now,
            tl::types::UpdateChannelTooLong { channel_id: CHANNEL, pts: None }.into(),
        );
        run(&mut engine, now, &server, &mut handler);

        prop_assert_eq!(handler.common, (0..counts.len() as i64).collect::<Vec<_>>());
        prop_assert_eq!(handler.secondary, (0..secondary as i64).collect::<Vec<_>>());
        prop_assert_eq!(handler.channel, (0..channel_counts.len() as i64).collect::<Vec<_>>());
        prop_assert_eq!(handler.state, engine.state());
        prop_assert_eq!(handler.channel_pts, 1 + channel_counts.iter().sum::<i32>());
    }
}

/// An engine that has caught up with a server where nothing has happened.
fn settled() -> GapEngine {
    let mut engine = GapEngine::new(START, me(), Some(state(1, 1)), []);
    assert!(matches!(engine.poll_event(), Some(GapEvent::FetchDifference(_))));
    engine.handle_difference(START, tl::types::updates::DifferenceEmpty { date: 1, seq: 1 }.into());
    while engine.poll_event().is_some() {}
    engine
}

#[test]
fn a_gap_waits_half_a_second_before_it_is_fetched() {
    let server = Server::with(&[1, 1], 0, &[], 9);
    let mut engine = settled();
    push(&mut engine, START, server.common[1].clone());
    assert!(engine.poll_event().is_none());
    let deadline = START + Duration::from_millis(500);
    assert_eq!(engine.poll_timeout(), Some(deadline));
    engine.handle_timeout(deadline);
    assert!(matches!(engine.poll_event(), Some(GapEvent::FetchDifference(from)) if from.pts == 1));
}

#[test]
fn a_late_update_closes_the_gap_without_a_fetch() {
    let server = Server::with(&[1, 1], 0, &[], 9);
    let mut engine = settled();
    let mut handler = Handler::default();
    push(&mut engine, START, server.common[1].clone());
    push(&mut engine, START, server.common[0].clone());
    engine.handle_timeout(START + Duration::from_secs(1));
    run(&mut engine, START, &server, &mut handler);
    assert_eq!(handler.common, [0, 1]);
}

#[test]
fn a_message_that_was_sent_again_is_no_news() {
    let answer = |pts: i32, pts_count: i32| -> tl::Updates {
        let message = tl::types::Message { id: 5, ..Default::default() }.into();
        let new = tl::types::UpdateNewMessage { message, pts, pts_count };
        tl::types::Updates { updates: vec![new.into()], ..Default::default() }.into()
    };
    let told = |engine: &mut GapEngine| {
        let events = std::iter::from_fn(|| engine.poll_event());
        events.filter(|event| matches!(event, GapEvent::Deliver { .. })).count()
    };
    let mut engine = settled();
    engine.handle_updates(START, answer(2, 1));
    assert_eq!(told(&mut engine), 1);
    engine.handle_updates(START, answer(2, 0));
    assert_eq!(told(&mut engine), 0);
    // Beyond what was told it shows that something is missing.
    engine.handle_updates(START, answer(4, 0));
    assert_eq!(told(&mut engine), 0);
    assert_eq!(engine.poll_timeout(), Some(START + Duration::from_millis(500)));
}

#[test]
fn silence_is_looked_into() {
    let mut engine = settled();
    let quiet = START + Duration::from_secs(900);
    assert_eq!(engine.poll_timeout(), Some(quiet));
    engine.handle_timeout(quiet);
    assert!(matches!(engine.poll_event(), Some(GapEvent::FetchDifference(_))));
}

#[test]
fn a_failed_fetch_is_repeated_after_the_wait() {
    let mut engine = GapEngine::new(START, me(), Some(state(1, 1)), []);
    engine.poll_event();
    engine.handle_failure(START, Fetched::Common, Duration::from_secs(30));
    assert!(engine.poll_event().is_none());
    assert_eq!(engine.poll_timeout(), Some(START + Duration::from_secs(30)));
    engine.handle_timeout(START + Duration::from_secs(30));
    assert!(matches!(engine.poll_event(), Some(GapEvent::FetchDifference(_))));
}

#[test]
fn a_slice_that_leads_nowhere_is_not_asked_for_again() {
    let mut engine = settled();
    engine.handle_interruption();
    assert!(matches!(engine.poll_event(), Some(GapEvent::FetchDifference(_))));
    let intermediate_state =
        tl::types::updates::State { pts: 1, qts: 1, date: 1, seq: 1, unread_count: 0 }.into();
    let slice = tl::types::updates::DifferenceSlice { intermediate_state, ..Default::default() };
    engine.handle_difference(START, slice.into());
    while let Some(event) = engine.poll_event() {
        assert!(matches!(event, GapEvent::Handled(_)), "{event:?}");
    }
}

#[test]
fn a_channel_too_far_behind_is_told_as_a_loss() {
    let mut engine = GapEngine::new(START, me(), Some(state(1, 1)), [(channel(), 5)]);
    engine.channel_moved(channel(), Some(5_000));
    while !matches!(engine.poll_event(), Some(GapEvent::FetchChannelDifference { pts: 5, .. })) {}
    let dialog = tl::types::Dialog { pts: Some(5_000), ..Default::default() };
    let too_long = tl::types::updates::ChannelDifferenceTooLong {
        dialog: dialog.into(),
        ..Default::default()
    };
    engine.handle_channel_difference(START, channel(), too_long.into());
    assert!(matches!(
        engine.poll_event(),
        Some(GapEvent::Lost { channel: Some(_), from: 5, to: 5_000 })
    ));
}

#[test]
fn an_ordered_container_waits_for_the_one_before_it() {
    let container = |seq: i32, id: i32| -> tl::Updates {
        let update =
            tl::types::UpdateDeleteMessages { messages: vec![id], pts: id + 2, pts_count: 1 };
        tl::types::Updates { updates: vec![update.into()], date: 9, seq, ..Default::default() }
            .into()
    };
    let server = Server::default();
    let mut engine = settled();
    let mut handler = Handler::default();
    engine.handle_updates(START, container(3, 1));
    run(&mut engine, START, &server, &mut handler);
    assert!(handler.common.is_empty());
    engine.handle_updates(START, container(2, 0));
    run(&mut engine, START, &server, &mut handler);
    assert_eq!(handler.common, [0, 1]);
    assert_eq!(engine.state().seq, 3);
}
