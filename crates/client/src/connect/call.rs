//! A request between the caller and the line.

use heliogram_tl::Bytes;
use tokio::sync::oneshot;

use crate::InvokeError;

/// The bytes of a result, or why there are none.
pub(crate) type RpcResult = Result<Bytes, InvokeError>;

/// A request that somebody waits for.
#[derive(Debug)]
pub(crate) struct Call {
    /// Id of the function, for those who look at the result in passing.
    pub(crate) function: u32,
    /// The request as the caller made it, not introduced.
    pub(crate) body: Bytes,
    /// Whether it was last sent together with what we are.
    pub(crate) is_introduced: bool,
    /// Who waits: closed, if the caller has lost interest; none, if it is asked for its own sake.
    reply: Option<oneshot::Sender<RpcResult>>,
}

impl Call {
    pub(crate) fn new(function: u32, body: Bytes) -> (Self, oneshot::Receiver<RpcResult>) {
        let (reply, receiver) = oneshot::channel();
        (Self { function, body, is_introduced: false, reply: Some(reply) }, receiver)
    }

    /// A request whose result nobody needs, but whose effect somebody does.
    pub(crate) const fn unattended(function: u32, body: Bytes) -> Self {
        Self { function, body, is_introduced: false, reply: None }
    }

    /// Whether nobody waits any more.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.reply.as_ref().is_some_and(oneshot::Sender::is_closed)
    }

    pub(crate) fn answer(self, result: RpcResult) {
        // An abandoned caller is no error: dropping a request is how it is cancelled.
        let _ = self.reply.map(|reply| reply.send(result));
    }
}
