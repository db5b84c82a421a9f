//! One connection as one future: reads into the thread's buffer, lets the machine handle every
//! complete frame, writes once, and holds nothing while it waits.
//!
//! The future is written by hand because a buffer must not live across a wait: it is borrowed for
//! the length of one poll, so that an idle connection costs its machine and a few words.

use std::future::Future;
use std::io;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use heliogram_ids::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use crate::buffers::{return_write_buffer, take_write_buffer, with_read_buffer};
use crate::registry::Admission;
use crate::sealing::{self, Ticket};
use crate::{Clock, Closed, Connection, DriverLimits, Entropy, Waker};

/// Runs a [`Connection`] over a byte stream until either ends; resolves to the reason.
///
/// Dropped early, it still tells the machine that the stream is gone.
#[must_use = "a driver does nothing unless it is awaited"]
#[derive(Debug)]
pub struct Driver<S, C: Connection> {
    stream: S,
    connection: C,
    waker: Waker,
    clock: Clock,
    entropy: Entropy,
    limits: DriverLimits,
    output: Output,
    /// What the machine has to say next and is being sealed.
    sealing: Option<Ticket>,
    timer: Option<Timer>,
    last_read: Timestamp,
    /// How much is read at once.
    appetite: usize,
    guest: Option<Box<Guest>>,
    phase: Phase,
}

/// What a server knows of the peer. Boxed: a client's driver has none, and idle ones are many.
#[derive(Debug)]
struct Guest {
    admission: Admission,
    /// When they are given up if they have shown nothing by then.
    stranger_due: Option<Timestamp>,
}

/// Rendered and not yet accepted by the peer.
#[derive(Debug)]
struct Output {
    bytes: Vec<u8>,
    written: usize,
    /// Whether the stream may still hold some of it back.
    unflushed: bool,
    /// When the peer last took something, or when this became non-empty.
    moved: Timestamp,
}

#[derive(Debug)]
struct Timer {
    due: Timestamp,
    sleep: Pin<Box<Sleep>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    Open,
    /// Told to leave: writes what is queued, reads no more.
    Draining,
    Closed,
}

/// Whether a direction of the stream wants another go before others have theirs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Flow {
    Blocked,
    More,
}

type Turn<T = ()> = ControlFlow<Closed, T>;

impl<S, C> Driver<S, C>
where
    S: AsyncRead + AsyncWrite + Unpin,
    C: Connection + Unpin,
{
    /// A driver over `stream`; `waker` is the one the connection's callers hold.
    pub fn new(stream: S, connection: C, waker: Waker, clock: Clock, limits: DriverLimits) -> Self {
        let now = clock.now();
        let output = Output { bytes: Vec::new(), written: 0, unflushed: false, moved: now };
        Self {
            stream,
            connection,
            waker,
            clock,
            entropy: Entropy::system(),
            limits,
            output,
            sealing: None,
            timer: None,
            last_read: now,
            appetite: APPETITE_BYTES.min(limits.read_bytes),
            guest: None,
            phase: Phase::Open,
        }
    }

    /// The same, with its machine's randomness from elsewhere than the operating system.
    pub fn drawing_from(mut self, entropy: Entropy) -> Self {
        self.entropy = entropy;
        self
    }

    /// The same, counted among the connections of a server. A peer from elsewhere has to show who
    /// they are.
    pub(crate) fn counted(mut self, admission: Admission, stranger_max: Duration) -> Self {
        let stranger_due = admission.is_foreign().then(|| self.last_read + stranger_max);
        self.guest = Some(Box::new(Guest { admission, stranger_due }));
        self
    }

    /// Everything that can happen, once: orders, time, input, output.
    fn turn(&mut self, cx: &mut Context<'_>) -> Turn {
        if let Some(ticket) = self.sealing.take() {
            self.connection.handle_sealed(ticket.collect());
        }
        self.on_rung(cx)?;
        let began = self.clock.now();
        let mut rounds = 0;
        loop {
            self.on_time(cx)?;
            let read = self.read(cx)?;
            let write = self.write(cx)?;
            rounds += 1;
            if read == Flow::Blocked && write == Flow::Blocked && self.sealing.is_none() {
                break;
            }
            if self.sealing.is_some() {
                give_way(cx);
                break;
            }
            let took = self.clock.now().saturating_since(began);
            if rounds == self.limits.rounds_max || took >= self.limits.turn_max {
                cx.waker().wake_by_ref();
                break;
            }
        }
        self.report();
        self.leave_if_done()?;
        self.arm(cx);
        Turn::Continue(())
    }

    fn on_rung(&mut self, cx: &Context<'_>) -> Turn {
        let rung = self.waker.look(cx);
        let now = self.clock.now();
        if rung.kill() {
            return Turn::Break(Closed::Drained);
        }
        if rung.displace() {
            return Turn::Break(Closed::Displaced);
        }
        if rung.wake() {
            fault_or(self.connection.handle_wake(now, &mut self.entropy))?;
        }
        if rung.drain() && self.phase == Phase::Open {
            self.phase = Phase::Draining;
            self.connection.handle_drain(now);
        }
        Turn::Continue(())
    }

    fn on_time(&mut self, cx: &mut Context<'_>) -> Turn {
        let now = self.clock.now();
        if self.connection.poll_timeout().is_some_and(|due| due <= now) {
            fault_or(self.connection.handle_timeout(now, &mut self.entropy))?;
        }
        if self.stall_due().is_some_and(|due| due <= now) {
            return Turn::Break(Closed::Stalled { unwritten: self.output.unwritten() });
        }
        if now >= self.last_read + self.limits.idle_max {
            return Turn::Break(Closed::Idle);
        }
        if self.stranger_due().is_some_and(|due| due <= now) && !self.connection.is_known() {
            return Turn::Break(Closed::Stranger);
        }
        // A timer that has fired is spent; one that has not keeps its place in the wheel.
        if let Some(timer) = &mut self.timer
            && timer.sleep.as_mut().poll(cx).is_ready()
        {
            self.timer = None;
        }
        Turn::Continue(())
    }

    /// Reads one bufferful and hands it on.
    fn read(&mut self, cx: &mut Context<'_>) -> Turn<Flow> {
        // Whoever does not take our answers is not asked for more questions.
        let full = self.output.unwritten() >= self.limits.output_bytes_high;
        let deaf = self.connection.is_closing() || self.connection.is_busy();
        if full || deaf || self.phase != Phase::Open {
            return Turn::Continue(Flow::Blocked);
        }
        with_read_buffer(self.limits.read_bytes, |buffer| {
            let (buffer, _) = buffer.split_at_mut(self.appetite);
            let mut target = ReadBuf::new(buffer);
            match Pin::new(&mut self.stream).poll_read(cx, &mut target) {
                Poll::Pending => Turn::Continue(Flow::Blocked),
                Poll::Ready(Err(error)) => Turn::Break(error.into()),
                Poll::Ready(Ok(())) if target.filled().is_empty() => Turn::Break(Closed::ByPeer),
                Poll::Ready(Ok(())) => {
                    let now = self.clock.now();
                    self.last_read = now;
                    let bytes = target.filled_mut();
                    let len = bytes.len();
                    fault_or(self.connection.handle_bytes(now, bytes, &mut self.entropy))?;
                    self.digest(len, self.clock.now().saturating_since(now));
                    Turn::Continue(Flow::More)
                }
            }
        })
    }

    /// Sets how much is read next by how long it took to handle what was read: other connections
    /// wait as long.
    fn digest(&mut self, len: usize, took: Duration) {
        if took > DIGESTION {
            self.appetite = (self.appetite / 2).max(APPETITE_BYTES_MIN.min(self.appetite));
        } else if len == self.appetite {
            self.appetite = (self.appetite * 2).min(self.limits.read_bytes);
        }
    }

    /// Tells the server what this connection makes it hold, and that its peer is known by now.
    fn report(&mut self) {
        let Some(guest) = &mut self.guest else { return };
        guest.admission.hold(self.output.bytes.capacity() + self.connection.held_bytes());
        if guest.stranger_due.is_some() && self.connection.is_known() {
            guest.stranger_due = None;
            guest.admission.know();
        }
    }

    fn stranger_due(&self) -> Option<Timestamp> {
        self.guest.as_ref().and_then(|guest| guest.stranger_due)
    }

    /// Renders and writes as much as the stream takes.
    fn write(&mut self, cx: &mut Context<'_>) -> Turn<Flow> {
        self.render()?;
        if self.output.is_done() {
            return Turn::Continue(Flow::Blocked);
        }
        match self.write_rendered(cx) {
            Poll::Pending => Turn::Continue(Flow::Blocked),
            Poll::Ready(Err(error)) => Turn::Break(error.into()),
            Poll::Ready(Ok(())) => {
                return_write_buffer(std::mem::take(&mut self.output.bytes));
                self.output.written = 0;
                Turn::Continue(Flow::More)
            }
        }
    }

    /// Moves what the machine has to say into the output buffer, while there is room: what stays
    /// in the machine is not seen by the bound that stops reading.
    fn render(&mut self) -> Turn {
        let unwritten = self.output.unwritten();
        if unwritten >= self.limits.output_bytes_high {
            return Turn::Continue(());
        }
        if self.output.bytes.capacity() == 0 {
            self.output.bytes = take_write_buffer();
        }
        self.output.forget_written();
        let now = self.clock.now();
        self.connection.poll_transmit(now, &mut self.entropy, &mut self.output.bytes);
        let unsealed = self.connection.poll_unsealed();
        if !unsealed.is_empty() {
            self.sealing = Some(sealing::submit(unsealed));
        }
        if unwritten == 0 && !self.output.unflushed {
            self.output.moved = now;
        }
        if self.output.is_empty() {
            return_write_buffer(std::mem::take(&mut self.output.bytes));
        }
        if self.output.unwritten() > self.limits.output_bytes_max {
            return Turn::Break(Closed::Stalled { unwritten: self.output.unwritten() });
        }
        Turn::Continue(())
    }

    fn write_rendered(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.output.rest() {
            let count = ready!(Pin::new(&mut self.stream).poll_write(cx, rest))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.output.written += count;
            self.output.unflushed = true;
            self.output.moved = self.clock.now();
        }
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.output.unflushed = false;
        Poll::Ready(Ok(()))
    }

    fn leave_if_done(&self) -> Turn {
        match self.phase {
            _ if !self.output.is_done() || self.sealing.is_some() => Turn::Continue(()),
            Phase::Draining => Turn::Break(Closed::Drained),
            _ if self.connection.is_closing() => Turn::Break(Closed::ByUs),
            _ => Turn::Continue(()),
        }
    }

    /// Sets the timer unless one fires early enough anyway: deadlines move with every message,
    /// and an early wake-up is cheaper than a timer wheel's lock per message.
    fn arm(&mut self, cx: &mut Context<'_>) {
        let idle_due = self.last_read + self.limits.idle_max;
        let dues =
            [self.connection.poll_timeout(), self.stall_due(), self.stranger_due(), Some(idle_due)];
        let Some(due) = dues.into_iter().flatten().min() else { return };
        // What is overdue has been handled just now and waits for the peer to read.
        let now = self.clock.now();
        let due = if due <= now { now + OVERDUE_AGAIN } else { due };
        if self.timer.as_ref().is_some_and(|timer| timer.due <= due) {
            return;
        }
        let deadline = self.clock.instant(due);
        let timer = match self.timer.take() {
            Some(mut timer) => {
                timer.sleep.as_mut().reset(deadline);
                Timer { due, ..timer }
            }
            None => Timer { due, sleep: Box::pin(tokio::time::sleep_until(deadline)) },
        };
        let timer = self.timer.insert(timer);
        // Polled so that it knows whom to wake; already due, it wakes at once.
        if timer.sleep.as_mut().poll(cx).is_ready() {
            self.timer = None;
            cx.waker().wake_by_ref();
        }
    }

    fn stall_due(&self) -> Option<Timestamp> {
        (!self.output.is_done()).then(|| self.output.moved + self.limits.stall_max)
    }
}

impl<S, C> Future for Driver<S, C>
where
    S: AsyncRead + AsyncWrite + Unpin,
    C: Connection + Unpin,
{
    type Output = Closed;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Closed> {
        let driver = self.get_mut();
        match driver.turn(cx) {
            Turn::Continue(()) => Poll::Pending,
            Turn::Break(why) => {
                driver.close(&why);
                // Best effort: a stream that does not shut down at once is dropped as it is.
                let _ = Pin::new(&mut driver.stream).poll_shutdown(cx);
                Poll::Ready(why)
            }
        }
    }
}

impl<S, C: Connection> Driver<S, C> {
    fn close(&mut self, why: &Closed) {
        if self.phase != Phase::Closed {
            self.phase = Phase::Closed;
            return_write_buffer(std::mem::take(&mut self.output.bytes));
            self.connection.handle_closed(self.clock.now(), why);
        }
    }
}

impl<S, C: Connection> Drop for Driver<S, C> {
    fn drop(&mut self) {
        self.close(&Closed::Drained);
    }
}

impl Output {
    fn is_empty(&self) -> bool {
        self.written == self.bytes.len()
    }

    /// Whether the stream has it all and holds nothing back.
    fn is_done(&self) -> bool {
        self.is_empty() && !self.unflushed
    }

    fn unwritten(&self) -> usize {
        self.bytes.len() - self.written
    }

    /// Makes room at the front, unless that would move more than it frees.
    fn forget_written(&mut self) {
        if self.written >= self.unwritten() {
            self.bytes.drain(..self.written);
            self.written = 0;
        }
    }

    fn rest(&self) -> Option<&[u8]> {
        self.bytes.get(self.written..).filter(|rest| !rest.is_empty())
    }
}

/// How much is read from whoever has not shown yet what their bytes cost.
const APPETITE_BYTES: usize = 16 << 10;
/// How little is read at once from whoever makes most work of it.
const APPETITE_BYTES_MIN: usize = 2 << 10;
/// How long one reading should take to be handled.
const DIGESTION: Duration = Duration::from_millis(1);

/// How soon a deadline that handling did not move is handled again.
const OVERDUE_AGAIN: Duration = Duration::from_millis(10);

/// Has the task polled again after everybody else who is ready, the sockets looked at once more: who
/// only wakes it may find it polled at once, before anybody.
pub(crate) fn give_way(cx: &mut Context<'_>) {
    // Its first poll leaves the waker with the scheduler, which is all that is wanted of it.
    let _ = std::pin::pin!(tokio::task::yield_now()).poll(cx);
}

fn fault_or(result: Result<(), heliogram_mtproto::Fault>) -> Turn {
    match result {
        Ok(()) => Turn::Continue(()),
        Err(fault) => Turn::Break(Closed::Fault(fault)),
    }
}
