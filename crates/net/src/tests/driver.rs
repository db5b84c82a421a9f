//! A driver, its machine and a peer at the other end of a pipe.

use std::future::poll_fn;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use heliogram_crypto::Random;
use heliogram_ids::Timestamp;
use heliogram_mtproto::Fault;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::driver::give_way;
use crate::{Clock, Closed, Connection, Driver, DriverLimits, Waker};

const START: Timestamp = Timestamp::from_secs(1_700_000_000);
const LIMITS: DriverLimits = DriverLimits {
    read_bytes: 64,
    output_bytes_high: 128,
    output_bytes_max: 4096,
    rounds_max: 4,
    turn_max: Duration::from_millis(4),
    idle_max: Duration::from_secs(100),
    stall_max: Duration::from_secs(10),
};

/// Sends back what it receives; `!` is a fault, `.` the end, and `?` has it think until it is woken.
#[derive(Default)]
struct Echo {
    queued: Vec<u8>,
    closing: bool,
    busy: bool,
    alarm: Option<Timestamp>,
    notes: Notes,
}

/// What the machine lived through.
type Notes = Arc<Mutex<Vec<String>>>;

impl Echo {
    fn note(&self, what: impl Into<String>) {
        self.notes.lock().unwrap().push(what.into());
    }
}

impl Connection for Echo {
    fn handle_bytes(
        &mut self,
        _: Timestamp,
        bytes: &mut [u8],
        _: &mut dyn Random,
    ) -> Result<(), Fault> {
        self.note(format!("read {}", bytes.len()));
        self.queued.extend_from_slice(bytes);
        self.closing |= bytes.contains(&b'.');
        self.busy |= bytes.contains(&b'?');
        if bytes.contains(&b'!') { Err(Fault::Protocol("shouted at")) } else { Ok(()) }
    }

    fn handle_wake(&mut self, _: Timestamp, _: &mut dyn Random) -> Result<(), Fault> {
        self.queued.extend_from_slice(b"woken");
        self.busy = false;
        Ok(())
    }

    fn handle_timeout(&mut self, now: Timestamp, _: &mut dyn Random) -> Result<(), Fault> {
        if self.alarm.take_if(|alarm| *alarm <= now).is_some() {
            self.queued.extend_from_slice(b"tick");
        }
        Ok(())
    }

    fn handle_drain(&mut self, _: Timestamp) {
        self.queued.extend_from_slice(b"bye");
    }

    fn poll_transmit(&mut self, _: Timestamp, _: &mut dyn Random, out: &mut Vec<u8>) {
        out.append(&mut self.queued);
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        self.alarm
    }

    fn is_closing(&self) -> bool {
        self.closing
    }

    fn is_busy(&self) -> bool {
        self.busy
    }

    fn handle_closed(&mut self, _: Timestamp, why: &Closed) {
        self.note(format!("closed: {why}"));
    }
}

/// A driver in its task, and the peer's end of the stream.
struct Fixture {
    peer: DuplexStream,
    waker: Waker,
    notes: Notes,
    task: JoinHandle<Closed>,
}

impl Fixture {
    fn new(pipe_bytes: usize, alarm: Option<Duration>) -> Self {
        let (peer, ours) = tokio::io::duplex(pipe_bytes);
        let (waker, notes) = (Waker::new(), Notes::default());
        let alarm = alarm.map(|after| START + after);
        let echo = Echo { alarm, notes: Arc::clone(&notes), ..Echo::default() };
        let clock = Clock::starting_at(START);
        let task = tokio::spawn(Driver::new(ours, echo, waker.clone(), clock, LIMITS));
        Self { peer, waker, notes, task }
    }

    async fn expect(&mut self, expected: &[u8]) {
        let mut found = vec![0; expected.len()];
        self.peer.read_exact(&mut found).await.unwrap();
        assert_eq!(found, expected);
    }

    async fn end(self) -> (String, Vec<String>) {
        let why = self.task.await.unwrap().to_string();
        let notes = self.notes.lock().unwrap().clone();
        assert_eq!(notes.last(), Some(&format!("closed: {why}")), "told exactly once, at the end");
        (why, notes)
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_received_is_handled_and_the_answer_written() {
    let mut fixture = Fixture::new(1024, None);
    fixture.peer.write_all(b"hello").await.unwrap();
    fixture.expect(b"hello").await;
    fixture.waker.wake();
    fixture.expect(b"woken").await;
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_leaves_ends_the_driver() {
    let mut fixture = Fixture::new(1024, None);
    fixture.peer.shutdown().await.unwrap();
    assert_eq!(fixture.end().await.0, "peer closed the stream");
}

#[tokio::test(start_paused = true)]
async fn a_fault_closes_without_a_word() {
    let mut fixture = Fixture::new(1024, None);
    fixture.peer.write_all(b"hey!").await.unwrap();
    let mut answer = Vec::new();
    fixture.peer.read_to_end(&mut answer).await.unwrap();
    assert_eq!(answer, b"");
    assert_eq!(fixture.end().await.0, "protocol fault: shouted at");
}

#[tokio::test(start_paused = true)]
async fn what_is_queued_is_written_before_the_machine_closes() {
    let mut fixture = Fixture::new(4, None);
    fixture.peer.write_all(b"so long.").await.unwrap();
    let mut answer = Vec::new();
    fixture.peer.read_to_end(&mut answer).await.unwrap();
    assert_eq!(answer, b"so long.");
    assert_eq!(fixture.end().await.0, "closed by us");
}

#[tokio::test(start_paused = true)]
async fn deadlines_are_kept() {
    let mut fixture = Fixture::new(1024, Some(Duration::from_secs(7)));
    let before = tokio::time::Instant::now();
    fixture.expect(b"tick").await;
    assert_eq!(before.elapsed().as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn silence_is_not_waited_out_for_ever() {
    let fixture = Fixture::new(1024, None);
    assert_eq!(fixture.end().await.0, "nothing received within the idle limit");
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_read_is_not_read_from_and_in_the_end_dropped() {
    let mut fixture = Fixture::new(64, None);
    let written = async {
        for _ in 0..1000 {
            fixture.peer.write_all(&[b'x'; 64]).await?;
        }
        Ok(())
    };
    let result: io::Result<()> = written.await;
    assert_eq!(result.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    let (why, notes) = fixture.end().await;
    assert!(why.starts_with("peer stopped reading with "), "{why}");
    // One rendering may be under way and the next be collecting; no more than that is buffered.
    assert!(notes.len() < 16, "{notes:?}");
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_is_busy_is_not_read_from() {
    let mut fixture = Fixture::new(1024, None);
    fixture.peer.write_all(b"wait?").await.unwrap();
    fixture.expect(b"wait?").await;
    fixture.peer.write_all(b"and").await.unwrap();
    tokio::time::sleep(Duration::from_secs(50)).await;
    let read = |notes: &Notes| notes.lock().unwrap().clone();
    assert_eq!(read(&fixture.notes), ["read 5"]);
    fixture.waker.wake();
    fixture.expect(b"wokenand").await;
    assert_eq!(read(&fixture.notes), ["read 5", "read 3"]);
}

#[tokio::test(start_paused = true)]
async fn draining_says_goodbye_and_leaves() {
    let mut fixture = Fixture::new(1024, None);
    fixture.peer.write_all(b"hello").await.unwrap();
    fixture.expect(b"hello").await;
    fixture.waker.drain();
    fixture.expect(b"bye").await;
    assert_eq!(fixture.end().await.0, "shutting down");
}

#[test]
fn an_idle_connection_costs_little_besides_its_machine() {
    struct Nothing;
    assert!(size_of::<Driver<Nothing, Echo>>() - size_of::<Echo>() <= 256);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_holds_something_back_is_flushed_until_it_does_not() {
    let (mut peer, ours) = tokio::io::duplex(4);
    let ours = tokio::io::BufStream::new(ours);
    let driver =
        Driver::new(ours, Echo::default(), Waker::new(), Clock::starting_at(START), LIMITS);
    let task = tokio::spawn(driver);
    peer.write_all(b"and so on").await.unwrap();
    let mut found = vec![0; 9];
    peer.read_exact(&mut found).await.unwrap();
    assert_eq!(found, b"and so on");
    peer.write_all(b"so long.").await.unwrap();
    found.clear();
    peer.read_to_end(&mut found).await.unwrap();
    assert_eq!(found, b"so long.");
    assert_eq!(task.await.unwrap().to_string(), "closed by us");
}

#[tokio::test]
async fn who_gives_way_comes_after_those_whose_bytes_have_arrived() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut far = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut near, _) = listener.accept().await.unwrap();
    let heard = Arc::new(AtomicBool::new(false));
    let hears = Arc::clone(&heard);
    tokio::spawn(async move {
        near.read_u8().await.unwrap();
        hears.store(true, Ordering::Relaxed);
    });
    // It waits for its byte, which nobody has looked for yet when the byte is there.
    tokio::task::yield_now().await;
    io::Write::write_all(&mut far, &[1]).unwrap();
    let mut given_way = false;
    let giving_way = tokio::spawn(poll_fn(move |cx| {
        if given_way {
            return Poll::Ready(heard.load(Ordering::Relaxed));
        }
        given_way = true;
        give_way(cx);
        Poll::Pending
    }));
    assert!(giving_way.await.unwrap());
}
