//! Connections that break. A [`Sky`] says when; a [`Frail`] stream breaks in one of three ways: at
//! once, in the middle of a write, or by falling silent for a while first, as a phone in a tunnel.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use heliogram_crypto::{Random as _, SeededRandom};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// The weather over all connections.
pub struct Sky {
    is_stormy: AtomicBool,
    life: Duration,
    rng: Mutex<SeededRandom>,
    struck: [AtomicU64; 3],
}

/// How many connections broke, by the way they did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Struck {
    /// Between two reads.
    pub cut: u64,
    /// In the middle of a write.
    pub torn: u64,
    /// After a silence.
    pub silenced: u64,
}

impl Struck {
    /// All of them.
    pub fn total(self) -> u64 {
        self.cut + self.torn + self.silenced
    }
}

impl Sky {
    /// A calm one, under which connections will live for `life` on average once it storms.
    pub fn new(seed: u64, life: Duration) -> Arc<Self> {
        let rng = Mutex::new(SeededRandom::new(seed));
        Arc::new(Self { is_stormy: AtomicBool::new(false), life, rng, struck: Default::default() })
    }

    /// Lets it storm, or ends it.
    pub fn storm(&self, is_stormy: bool) {
        self.is_stormy.store(is_stormy, Ordering::Relaxed);
    }

    /// What it has done so far.
    pub fn struck(&self) -> Struck {
        let [cut, torn, silenced] =
            [0, 1, 2].map(|way: usize| self.struck[way].load(Ordering::Relaxed));
        Struck { cut, torn, silenced }
    }

    /// Exposes a connection to the weather.
    pub fn expose<S>(self: &Arc<Self>, inner: S) -> Frail<S> {
        Frail {
            inner,
            sky: Arc::clone(self),
            state: State::Whole,
            due: Box::pin(sleep(self.life())),
        }
    }

    fn draw<T>(&self, draw: impl FnOnce(&mut SeededRandom) -> T) -> T {
        draw(&mut self.rng.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How long one connection lives: most break early, some never.
    fn life(&self) -> Duration {
        const STEPS: u32 = 1 << 20;
        let step = self.draw(|rng| rng.below(u64::from(STEPS))) as u32 + 1;
        self.life.mul_f64(-(f64::from(step) / f64::from(STEPS)).ln())
    }

    /// Strikes a connection: what becomes of it, and when that is over.
    fn strike(&self) -> (State, Duration) {
        let way = self.draw(|rng| rng.below(3)) as usize;
        self.struck[way].fetch_add(1, Ordering::Relaxed);
        match way {
            0 => (State::Broken, Duration::ZERO),
            1 => (State::Tearing, TEAR_MAX),
            _ => (
                State::Silent,
                SILENCE_MIN + Duration::from_millis(self.draw(|rng| rng.below(3000))),
            ),
        }
    }
}

/// A connection under a [`Sky`].
pub struct Frail<S> {
    inner: S,
    sky: Arc<Sky>,
    state: State,
    /// When the state ends.
    due: Pin<Box<Sleep>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Whole,
    /// The next write is the last, and only half of it arrives.
    Tearing,
    /// Nothing arrives, on either side, and nobody says so.
    Silent,
    Broken,
}

impl<S> Frail<S> {
    fn look(&mut self, cx: &mut Context<'_>) -> State {
        while self.state != State::Broken && self.due.as_mut().poll(cx).is_ready() {
            let (state, lasts) = match self.state {
                State::Whole if self.sky.is_stormy.load(Ordering::Relaxed) => self.sky.strike(),
                State::Whole => (State::Whole, self.sky.life()),
                State::Tearing | State::Silent | State::Broken => (State::Broken, Duration::ZERO),
            };
            self.state = state;
            let due = self.due.deadline() + lasts;
            self.due.as_mut().reset(due);
        }
        self.state
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Frail<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.look(cx) {
            State::Whole | State::Tearing => Pin::new(&mut self.inner).poll_read(cx, buf),
            State::Silent => Poll::Pending,
            State::Broken => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Frail<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.look(cx) {
            State::Whole => Pin::new(&mut self.inner).poll_write(cx, buf),
            State::Tearing => {
                let half = &buf[..buf.len().div_ceil(2)];
                let written = ready!(Pin::new(&mut self.inner).poll_write(cx, half));
                self.state = State::Broken;
                Poll::Ready(written)
            }
            State::Silent => Poll::Ready(Ok(buf.len())),
            State::Broken => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// How long a tear waits for something to tear.
const TEAR_MAX: Duration = Duration::from_millis(500);
/// The shortest silence.
const SILENCE_MIN: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn under_a_calm_sky_nothing_breaks() {
        let sky = Sky::new(1, Duration::from_secs(1));
        let (near, mut far) = duplex(64);
        let mut near = sky.expose(near);
        for _ in 0..20 {
            tokio::time::advance(Duration::from_secs(1)).await;
            near.write_all(b"hello").await.unwrap();
            let mut heard = [0; 5];
            far.read_exact(&mut heard).await.unwrap();
            assert_eq!(&heard, b"hello");
        }
        assert_eq!(sky.struck(), Struck::default());
    }

    #[tokio::test(start_paused = true)]
    async fn in_a_storm_every_connection_breaks_in_one_of_three_ways() {
        let sky = Sky::new(2, Duration::from_secs(1));
        sky.storm(true);
        let mut arrived = Vec::new();
        for _ in 0..60 {
            let (near, mut far) = duplex(1 << 16);
            let mut near = sky.expose(near);
            while near.write_all(b"hello").await.is_ok() {
                sleep(Duration::from_millis(100)).await;
            }
            drop(near);
            let mut heard = Vec::new();
            far.read_to_end(&mut heard).await.unwrap();
            arrived.push(heard.len() % 5);
        }
        let struck = sky.struck();
        assert_eq!(struck.total(), 60);
        assert!(struck.cut > 0 && struck.torn > 0 && struck.silenced > 0, "{struck:?}");
        // Half of five letters, rounded up.
        assert_eq!(arrived.iter().filter(|rest| **rest == 3).count() as u64, struck.torn);
    }
}
