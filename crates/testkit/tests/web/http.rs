//! HTTP connections as a stream: each frame that goes in is posted, each response comes out.

use std::sync::Arc;

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{
    AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, ReadHalf, WriteHalf,
};
use tokio::sync::{mpsc, watch};

/// A few connections that are kept alive. A request goes over the one that is idle for longest.
pub(crate) struct Browser {
    count: watch::Receiver<Count>,
}

/// Requests sent and responses received.
#[derive(Clone, Copy, Default)]
struct Count {
    posted: usize,
    answered: usize,
}

type Frames = tokio::sync::Mutex<mpsc::UnboundedReceiver<Vec<u8>>>;

impl Browser {
    /// Opens one over `streams`. At the returned end the plain intermediate transport is spoken.
    pub(crate) async fn open<S>(streams: impl IntoIterator<Item = S>) -> (Self, DuplexStream)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (near, far) = tokio::io::duplex(1 << 20);
        let (read, write) = tokio::io::split(far);
        let (frames, queue) = mpsc::unbounded_channel();
        tokio::spawn(cut(read, frames));
        let (queue, write) =
            (Arc::new(Frames::new(queue)), Arc::new(tokio::sync::Mutex::new(write)));
        let (count, watched) = watch::channel(Count::default());
        let count = Arc::new(count);
        for stream in streams {
            let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
            tokio::spawn(connection);
            tokio::spawn(post(sender, Arc::clone(&queue), Arc::clone(&write), Arc::clone(&count)));
        }
        (Self { count: watched }, near)
    }

    /// How many responses have come.
    pub(crate) fn responses(&self) -> usize {
        self.count.borrow().answered
    }

    /// Waits until so many requests were sent.
    pub(crate) async fn posted(&self, posted: usize) {
        let mut count = self.count.clone();
        count.wait_for(|count| count.posted >= posted).await.unwrap();
    }

    /// Waits for so many responses.
    pub(crate) async fn answered(&self, answered: usize) {
        let mut count = self.count.clone();
        count.wait_for(|count| count.answered >= answered).await.unwrap();
    }
}

/// Cuts frames out of the stream.
async fn cut(mut stream: ReadHalf<DuplexStream>, frames: mpsc::UnboundedSender<Vec<u8>>) {
    let mut preamble = [0; 4];
    if stream.read_exact(&mut preamble).await.is_err() {
        return;
    }
    assert_eq!(preamble, [0xee; 4]);
    while let Ok(len) = stream.read_u32_le().await {
        let mut frame = vec![0; usize::try_from(len).unwrap()];
        if stream.read_exact(&mut frame).await.is_err() || frames.send(frame).is_err() {
            return;
        }
    }
}

/// Posts frames over one connection, one after the other.
async fn post(
    mut sender: SendRequest<Full<Bytes>>,
    queue: Arc<Frames>,
    write: Arc<tokio::sync::Mutex<WriteHalf<DuplexStream>>>,
    count: Arc<watch::Sender<Count>>,
) -> Option<()> {
    loop {
        let frame = queue.lock().await.recv().await?;
        let request = Request::post("/apiw").header("Host", "localhost").body(Full::from(frame));
        count.send_modify(|count| count.posted += 1);
        let response = sender.send_request(request.unwrap()).await.ok()?;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["Access-Control-Allow-Origin"], "*");
        let body = response.into_body().collect().await.ok()?.to_bytes();
        let mut write = write.lock().await;
        write.write_u32_le(u32::try_from(body.len()).unwrap()).await.ok()?;
        write.write_all(&body).await.ok()?;
        count.send_modify(|count| count.answered += 1);
    }
}
