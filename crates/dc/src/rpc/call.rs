//! One request on its way through its handler: run on a snapshot, or in a transaction.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use heliogram_ids::{Timestamp, UserId};
use heliogram_store::{Snapshot, Store, Txn};

use super::route::{Answer, Handler, Route};
use crate::cx::{Caller, Cx};
use crate::domain::files::ready::Ready;
use crate::domain::passwords::Proven;
use crate::error::{Rpc, RpcError};
use crate::fanout::Outbox;
use crate::world::World;

/// A request whose method is known and whose caller is admitted.
pub(crate) struct Call {
    pub(crate) route: &'static Route,
    pub(crate) me: Option<UserId>,
    pub(crate) caller: Caller,
    pub(crate) now: Timestamp,
    /// The request in the newest layer, constructor id included.
    pub(crate) body: Bytes,
    /// What [`Call::prepare`] made.
    pub(crate) ready: Vec<Ready>,
    /// What it found to be proven.
    pub(crate) proven: Option<Proven>,
    /// What log lines say of it; switched off unless somebody debugs.
    pub(crate) span: tracing::Span,
}

/// What a handler came to, and what is to be done now that it is committed.
pub(crate) struct Done {
    /// An error here is a refusal after which what was written stays, see [`Outbox::keep`].
    pub(crate) answer: Rpc<Answer<Vec<u8>>>,
    pub(crate) outbox: Outbox,
}

impl Call {
    /// Whether the handler writes, and so belongs to the writer.
    pub(crate) const fn writes(&self) -> bool {
        matches!(
            self.route.handler,
            Handler::Write(_)
                | Handler::Park(_)
                | Handler::StrangerWrite(_)
                | Handler::Prepared { .. }
                | Handler::Proved { .. }
        )
    }

    /// Whether the handler only reads, but takes so long that no connection's task should run it.
    pub(crate) const fn is_slow(&self) -> bool {
        matches!(self.route.handler, Handler::StrangerSlowRead(_))
    }

    /// Whether [`Call::write`] may run: nothing is left to [`Call::prepare`].
    pub(crate) const fn is_prepared(&self) -> bool {
        !matches!(self.route.handler, Handler::Prepared { .. } | Handler::Proved { .. })
    }

    /// Runs a handler that only reads.
    ///
    /// # Errors
    /// The handler's.
    pub(crate) fn read(&self, world: &World, snapshot: &mut Snapshot) -> Rpc<Done> {
        let _within = self.span.enter();
        let mut rng = world.entropy.clone();
        let mut outbox = Outbox::default();
        let answer = match (self.route.handler, self.me) {
            (Handler::Read(run), Some(me)) => {
                run(&mut self.context(me, snapshot, &mut outbox, world, &mut rng), &self.body)?
            }
            (Handler::StrangerRead(run) | Handler::StrangerSlowRead(run), me) => {
                run(&mut self.context(me, snapshot, &mut outbox, world, &mut rng), &self.body)?
            }
            (_, None) => return Err(RpcError::AUTH_KEY_UNREGISTERED),
            _ => return Err(RpcError::INTERNAL),
        };
        Ok(Done { answer: Ok(Answer::Now(answer)), outbox })
    }

    /// Does what is slow and needs no transaction, for handlers that have something of the kind.
    ///
    /// To be called once before [`Call::write`], on a thread that may block.
    ///
    /// # Errors
    /// The handler's.
    pub(crate) fn prepare(&mut self, world: &World, store: &Store) -> Rpc<()> {
        let span = self.span.clone();
        let _within = span.enter();
        let mut rng = world.entropy.clone();
        let (mut snapshot, mut outbox) = (store.snapshot()?, Outbox::default());
        let (ready, proven) = match (self.route.handler, self.me) {
            (Handler::Prepared { prepare, .. }, Some(me)) => {
                let mut cx = self.context(me, &mut snapshot, &mut outbox, world, &mut rng);
                (self.guarded(|| prepare(&mut cx, &self.body))?, None)
            }
            (Handler::Prepared { .. }, None) => return Err(RpcError::AUTH_KEY_UNREGISTERED),
            (Handler::Proved { prove, .. }, me) => {
                let mut cx = self.context(me, &mut snapshot, &mut outbox, world, &mut rng);
                (Vec::new(), self.guarded(|| prove(&mut cx, &self.body))?)
            }
            _ => return Ok(()),
        };
        (self.ready, self.proven) = (ready, proven);
        Ok(())
    }

    /// Pictures from strangers go through decoders here: a panic may cost their request alone.
    fn guarded<T>(&self, prepare: impl FnOnce() -> Rpc<T>) -> Rpc<T> {
        catch_unwind(AssertUnwindSafe(prepare)).unwrap_or_else(|_| {
            tracing::error!(method = self.route.name, "preparation panicked");
            Err(RpcError::INTERNAL)
        })
    }

    /// Runs a handler that writes. May be called again if the engine wants it.
    ///
    /// # Errors
    /// The handler's, unless it marked its refusal as one to keep; nothing is written then.
    pub(crate) fn write(&self, world: &World, txn: &mut Txn) -> Rpc<Done> {
        let _within = self.span.enter();
        let mut rng = world.entropy.clone();
        let mut outbox = Outbox::default();
        let answer = match (self.route.handler, self.me) {
            (Handler::Write(run), Some(me)) => {
                run(&mut self.context(me, txn, &mut outbox, world, &mut rng), &self.body)
                    .map(Answer::Now)
            }
            (Handler::Prepared { write: run, .. }, Some(me)) => {
                let mut cx = self.context(me, txn, &mut outbox, world, &mut rng);
                run(&mut cx, &self.body, &self.ready).map(Answer::Now)
            }
            (Handler::Proved { write: run, .. }, me) => {
                let mut cx = self.context(me, txn, &mut outbox, world, &mut rng);
                run(&mut cx, &self.body, self.proven.as_ref()).map(Answer::Now)
            }
            (Handler::Park(run), Some(me)) => {
                run(&mut self.context(me, txn, &mut outbox, world, &mut rng), &self.body)
            }
            (Handler::StrangerWrite(run), me) => {
                run(&mut self.context(me, txn, &mut outbox, world, &mut rng), &self.body)
                    .map(Answer::Now)
            }
            (_, None) => return Err(RpcError::AUTH_KEY_UNREGISTERED),
            _ => return Err(RpcError::INTERNAL),
        };
        match answer {
            Err(refusal) if !outbox.keeps_refused => Err(refusal),
            answer => Ok(Done { answer, outbox }),
        }
    }

    fn context<'a, D, M>(
        &'a self,
        me: M,
        db: &'a mut D,
        outbox: &'a mut Outbox,
        world: &'a World,
        rng: &'a mut dyn heliogram_crypto::Random,
    ) -> Cx<'a, D, M> {
        Cx { me, db, outbox, caller: &self.caller, now: self.now, rng, world }
    }
}
