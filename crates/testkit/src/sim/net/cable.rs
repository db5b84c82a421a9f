//! One connection: two ends, two directions, and what becomes of them.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use heliogram_ids::Timestamp;
use parking_lot::{Mutex, MutexGuard};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use super::lane::{Found, Lane};
use super::sky::{Owner, Sky};
use super::weather::Weather;
use crate::sim::dice::Dice;

/// One end of a connection.
#[derive(Debug)]
pub(in crate::sim) struct Cable {
    wire: Arc<Wire>,
    /// 0 for the end that dialled.
    side: usize,
    timers: [Option<(Timestamp, Pin<Box<Sleep>>)>; 2],
}

/// A connection, as both ends share it.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) number: u64,
    owner: Owner,
    sky: Arc<Sky>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// By the side that writes.
    lanes: [Lane; 2],
    dice: Dice,
    /// What will happen to it.
    fate: Option<(Timestamp, Cut)>,
    /// Nothing goes through until then, and then it breaks.
    silent_until: Option<Timestamp>,
    /// By side: reading and writing fail.
    broken: [bool; 2],
    /// By side: nobody is there any more.
    gone: [bool; 2],
}

/// How a connection breaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::sim) enum Cut {
    /// Both ends learn of it at once; what was under way is lost.
    Reset,
    /// One end breaks; the other still gets some of what was under way, and then the end.
    Torn {
        /// The side that breaks.
        by: usize,
    },
    /// Nothing goes through any more, and nobody learns of it for a while.
    Silence {
        /// For so long.
        for_ms: u64,
    },
}

/// The two directions of an end's timers.
const READ: usize = 0;
const WRITE: usize = 1;

impl Wire {
    /// A new connection: the end that dialled, and the other.
    pub(super) fn lay(
        sky: &Arc<Sky>,
        (number, owner): (u64, Owner),
        mut dice: Dice,
        weather: &Weather,
    ) -> (Arc<Self>, Cable, Cable) {
        let now = sky.clock().now();
        let fate = weather.fate(&mut dice);
        let fate = fate.map(|(life_ms, cut)| (now + Duration::from_millis(life_ms), cut));
        let state = State {
            lanes: [Lane::new(now), Lane::new(now)],
            dice,
            fate,
            silent_until: None,
            broken: [false; 2],
            gone: [false; 2],
        };
        let wire = Arc::new(Self { number, owner, sky: Arc::clone(sky), state: Mutex::new(state) });
        let end = |side| Cable { wire: Arc::clone(&wire), side, timers: [None, None] };
        (Arc::clone(&wire), end(0), end(1))
    }

    /// Breaks it now.
    pub(super) fn cut(&self, cut: Cut) {
        let now = self.sky.clock().now();
        self.state.lock().break_up(now, cut);
    }

    /// The side that was dialled is no more, as when its process dies: it does and hears nothing
    /// from now on. The other learns of it by `cut`.
    pub(super) fn kill(&self, cut: Cut) {
        let now = self.sky.clock().now();
        let mut state = self.state.lock();
        state.fate = None;
        state.broken[1] = true;
        state.break_up(now, cut);
        state.lanes.iter_mut().for_each(Lane::wake);
    }

    /// What was to happen to it does not; what has begun ends soon.
    pub(super) fn calm(&self) {
        let now = self.sky.clock().now();
        let mut state = self.state.lock();
        state.fate = None;
        if state.silent_until.is_some() {
            state.break_up(now, Cut::Reset);
        }
    }

    /// The end that dialled does not read for a while.
    pub(super) fn slow_down(&self, pause: Duration) {
        let until = self.sky.clock().now() + pause;
        self.state.lock().lanes[1].pause(until);
    }

    /// Bytes have arrived on a side.
    fn note(&self, side: usize, bytes: &[u8]) {
        let what = if side == 0 { "down" } else { "up" };
        match self.owner {
            // Answers of HTTP carry the date of the wall, always of the same length. What they say is
            // noted by who reads them.
            Owner::Bot => self.sky.trace().note(what, self.number, &bytes.len().to_le_bytes()),
            Owner::Seat(_) => self.sky.trace().note(what, self.number, bytes),
        }
    }

    fn lock(&self, now: Timestamp) -> MutexGuard<'_, State> {
        let mut state = self.state.lock();
        state.age(now);
        state
    }
}

impl State {
    /// What is due happens.
    fn age(&mut self, now: Timestamp) {
        if let Some((due, cut)) = self.fate
            && due <= now
        {
            self.fate = None;
            self.break_up(now, cut);
        }
        if self.silent_until.is_some_and(|until| until <= now) {
            self.silent_until = None;
            self.break_up(now, Cut::Reset);
        }
    }

    fn break_up(&mut self, now: Timestamp, cut: Cut) {
        match cut {
            Cut::Reset => {
                self.broken = [true; 2];
                self.lanes.iter_mut().for_each(|lane| lane.tear(0));
            }
            Cut::Torn { by } => {
                self.broken[by] = true;
                let pieces = self.lanes[by].pieces();
                let kept = self.dice.place(pieces + 1);
                self.lanes[by].tear(kept);
                self.lanes[1 - by].tear(0);
            }
            Cut::Silence { for_ms } => {
                let until = now + Duration::from_millis(for_ms);
                self.silent_until.get_or_insert(until);
                self.lanes.iter_mut().for_each(Lane::wake);
            }
        }
    }

    /// When something will happen that its ends have to see.
    fn due(&self) -> Option<Timestamp> {
        let fate = self.fate.map(|(due, _)| due);
        [fate, self.silent_until].into_iter().flatten().min()
    }
}

impl Cable {
    /// Has the task woken at `due`, if ever.
    fn arm(&mut self, which: usize, due: Option<Timestamp>, cx: &mut Context<'_>) {
        let Some(due) = due else {
            self.timers[which] = None;
            return;
        };
        let slot = &mut self.timers[which];
        if slot.as_ref().is_none_or(|(set, _)| *set != due) {
            let deadline = self.wire.sky.clock().instant(due);
            *slot = Some((due, Box::pin(tokio::time::sleep_until(deadline))));
        }
        if let Some((_, sleep)) = slot
            && sleep.as_mut().poll(cx).is_ready()
        {
            *slot = None;
            cx.waker().wake_by_ref();
        }
    }
}

impl AsyncRead for Cable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (wire, side) = (Arc::clone(&self.wire), self.side);
        let now = wire.sky.clock().now();
        let mut state = wire.lock(now);
        if state.broken[side] {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let mut due = state.due();
        let max = if wire.sky.weather().pieces_max > 1 {
            let most = state.dice.between(1, 4096);
            usize::try_from(most).unwrap_or(1).min(buf.remaining())
        } else {
            buf.remaining()
        };
        let is_silent = state.silent_until.is_some();
        let lane = &mut state.lanes[1 - side];
        let found = if is_silent { Found::Nothing(None) } else { lane.read(now, max) };
        match found {
            Found::Bytes(bytes) => {
                drop(state);
                wire.note(side, &bytes);
                buf.put_slice(&bytes);
                Poll::Ready(Ok(()))
            }
            Found::End => Poll::Ready(Ok(())),
            Found::Nothing(next) => {
                lane.reader = Some(cx.waker().clone());
                due = [due, next].into_iter().flatten().min();
                drop(state);
                self.arm(READ, due, cx);
                Poll::Pending
            }
        }
    }
}

impl AsyncWrite for Cable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let (wire, side) = (Arc::clone(&self.wire), self.side);
        let (now, weather) = (wire.sky.clock().now(), wire.sky.weather());
        let mut state = wire.lock(now);
        if state.broken[side] || state.gone[1 - side] || state.lanes[side].ended {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let due = state.due();
        let State { lanes, dice, .. } = &mut *state;
        let len = buf.len().min(lanes[side].room(&weather));
        if len == 0 {
            lanes[side].writer = Some(cx.waker().clone());
            drop(state);
            self.arm(WRITE, due, cx);
            return Poll::Pending;
        }
        // In silence they fly as well; they will not land.
        lanes[side].write(now, &buf[..len], &weather, dice);
        Poll::Ready(Ok(len))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = self.wire.state.lock();
        state.lanes[self.side].ended = true;
        state.lanes[self.side].wake();
        Poll::Ready(Ok(()))
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        let mut state = self.wire.state.lock();
        state.gone[self.side] = true;
        state.lanes[self.side].ended = true;
        state.lanes.iter_mut().for_each(Lane::wake);
    }
}
