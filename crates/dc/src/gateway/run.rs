//! One request: from its wrappers to its handler, and its answer back to the session.

use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use heliogram_ids::{DcId, Layer, MsgId, Timestamp};
use heliogram_mtproto::session::Packing;
use heliogram_tl as tl;
use heliogram_tl::layer::TranslateError;
use heliogram_tl::{Function as _, Reader};

use super::after::Turn;
use super::flood::Whom;
use super::introduction::{self, Introduction};
use super::keys::{Identity, PermKey};
use super::parked::Question;
use super::service::Gateway;
use super::session::Session;
use super::unwrap::{Unwrapped, unwrap};
use super::workshop::Fate;
use crate::cx::Caller;
use crate::error::{Rpc, RpcError};
use crate::fanout::Committed;
use crate::rpc::call::{Call, Done};
use crate::rpc::dispatch;
use crate::rpc::route::{Answer, Route};

/// A request whose wrappers are off.
pub(super) struct Request {
    pub(super) msg_id: MsgId,
    pub(super) origin: Origin,
    pub(super) unwrapped: Unwrapped,
}

/// Where a request came from, and what it was meant for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Origin {
    pub(super) ip: Option<IpAddr>,
    /// Our end of the link; none within this process.
    pub(super) local: Option<IpAddr>,
    /// The data centre that the link leads to; none within this process.
    pub(super) dc: Option<DcId>,
}

/// What an answer has to be translated for.
#[derive(Clone, Copy)]
struct Target {
    function: u32,
    layer: Layer,
}

impl Gateway {
    /// Takes one request of a session; sooner or later it is answered.
    pub(super) fn on_request(
        self: &Arc<Self>,
        session: &Arc<Session>,
        now: Timestamp,
        msg_id: MsgId,
        body: &Bytes,
        origin: Origin,
    ) {
        let unwrapped = match unwrap(body) {
            Ok(unwrapped) => unwrapped,
            Err(error) => {
                self.note_unrouted(now, &error);
                return self.finish(session, now, msg_id, Err(error), Packing::Plain);
            }
        };
        // Whoever waits for itself would wait for ever.
        let after = unwrapped.after.iter().copied().filter(|id| *id != msg_id).collect();
        let request = Request { msg_id, origin, unwrapped };
        self.turn(session, now, after, request);
    }

    /// Runs a request now, or when those it names are done.
    fn turn(
        self: &Arc<Self>,
        session: &Arc<Session>,
        now: Timestamp,
        after: Vec<MsgId>,
        request: Request,
    ) {
        let msg_id = request.msg_id;
        let is_ready = {
            let mut state = session.state.lock();
            state.after.begin(msg_id);
            match state.after.turn(&after, request.unwrapped.query.len()) {
                Turn::Now => true,
                Turn::Never => false,
                Turn::Later => return state.after.wait(after, request),
            }
        };
        let ran = if is_ready {
            self.run(session, now, request)
        } else {
            Err(RpcError::MSG_WAIT_FAILED).inspect_err(|error| self.note_unrouted(now, error))
        };
        if let Err(error) = ran {
            self.finish(session, now, msg_id, Err(error), Packing::Plain);
        }
    }

    /// Answers a request, and gives those that waited for it their turn.
    fn finish(
        self: &Arc<Self>,
        session: &Arc<Session>,
        now: Timestamp,
        msg_id: MsgId,
        answer: Rpc<Bytes>,
        packing: Packing,
    ) {
        let failed = answer.is_err();
        session.answer(msg_id, answer, packing);
        let ready = session.state.lock().after.end(msg_id, failed);
        for (after, request) in ready {
            self.turn(session, now, after, request);
        }
    }

    fn run(self: &Arc<Self>, session: &Arc<Session>, now: Timestamp, request: Request) -> Rpc<()> {
        let (function, route, body) =
            find(&request.unwrapped.query).inspect_err(|error| self.note_unrouted(now, error))?;
        let ran = self.call(session, now, request, function, route, body);
        ran.inspect_err(|error| self.note_refused(route, session.key.id(), now, error))
    }

    /// The same, once it is known which method it is.
    fn call(
        self: &Arc<Self>,
        session: &Arc<Session>,
        now: Timestamp,
        request: Request,
        function: u32,
        route: &'static Route,
        body: Bytes,
    ) -> Rpc<()> {
        let Request { msg_id, origin: Origin { ip, local, dc }, unwrapped } = request;
        let permanent = self.acting_key(session, route.id, &body)?;
        let layer = self.note_client(&permanent, now, &unwrapped, ip);
        let identity = permanent.identity();
        dispatch::admit(route, identity.user, identity.is_bot)?;
        let dc = self.dc_of(&permanent, dc);
        let is_home = self.admit_abroad(route.name, dc, identity)?;
        self.flood.admit(Whom::of(identity.user, ip), route.name, now)?;
        // Seen: TDLib 1.8 and tdesktop bind their temporary key before they say who they are.
        let layer = match layer {
            Some(layer) => layer,
            None if route.id == tl::auth::BindTempAuthKey::ID => newest_layer(),
            None => return Err(RpcError::CONNECTION_NOT_INITED),
        };
        if is_home && !unwrapped.without_updates {
            let is_introduction = unwrapped.client.is_some();
            self.note_call(session, identity.user, route.name, is_introduction, now);
        }

        let caller = Caller {
            auth_key: permanent.id,
            link_key: session.key.id(),
            session: session.id,
            msg_id,
            ip,
            local,
            dc,
            is_bot: identity.is_bot,
        };
        let (number, session_id) = (layer.get(), session.id.0);
        // A root: what waited for another request is no part of it.
        let span = tracing::debug_span!(
            parent: None,
            "request",
            method = route.name,
            layer = number,
            session = session_id
        );
        let (ready, proven) = (Vec::new(), None);
        let call = Call { route, me: identity.user, caller, now, body, ready, proven, span };
        let target = Target { function, layer };
        if call.writes() {
            self.write(session, call, target);
        } else if call.is_slow() {
            self.read_elsewhere(session, call, target);
        } else {
            self.read(session, &call, target)?;
        }
        Ok(())
    }

    /// The data centre that a request is meant for: the one that its key was agreed upon with, or
    /// else the one that its link leads to.
    fn dc_of(&self, key: &PermKey, dialled: Option<DcId>) -> Option<DcId> {
        let config = &self.world.config;
        dialled.map(|dialled| key.dc.filter(|dc| config.serves(*dc)).unwrap_or(dialled))
    }

    /// Away from its home an account may fetch files, and do what leads it there. Says whether it is
    /// at home.
    fn admit_abroad(&self, method: &str, dc: Option<DcId>, identity: Identity) -> Rpc<bool> {
        let config = &self.world.config;
        let home = identity.home.filter(|home| config.serves(*home)).unwrap_or(config.dc_id);
        let is_home = identity.user.is_none() || dc.is_none_or(|dc| dc == home);
        if is_home || is_served_abroad(method) {
            Ok(is_home)
        } else {
            Err(RpcError::user_migrate(home))
        }
    }

    /// The permanent key that acts. Before a temporary key is bound, it may do next to nothing.
    fn acting_key(&self, session: &Session, id: u32, body: &Bytes) -> Rpc<Arc<PermKey>> {
        if let Some(key) = session.key.permanent() {
            return Ok(key);
        }
        if id == tl::auth::BindTempAuthKey::ID {
            // The handler checks the proof; the key that it names is the one that acts.
            let request: tl::auth::BindTempAuthKey =
                tl::Decode::from_bytes(body).map_err(|_| RpcError::INPUT_FETCH_ERROR)?;
            let named = heliogram_ids::AuthKeyId(request.perm_auth_key_id);
            return self.keys.permanent(named).ok_or(RpcError::ENCRYPTED_MESSAGE_INVALID);
        }
        Err(RpcError::AUTH_KEY_PERM_EMPTY)
    }

    /// Remembers what the wrappers said of the client, and returns the layer in force.
    fn note_client(
        &self,
        key: &Arc<PermKey>,
        now: Timestamp,
        unwrapped: &Unwrapped,
        ip: Option<IpAddr>,
    ) -> Option<Layer> {
        let known = key.identity().layer;
        let Some(layer) = unwrapped.layer else { return known };
        if !tl::layer::is_known(layer.get()) && known != Some(layer) {
            let served = tl::layer::nearest(layer.get());
            tracing::warn!(layer = layer.get(), served, "a client's layer was not imported");
        }
        let changed = known != Some(layer);
        key.set_layer(layer);
        if changed || unwrapped.client.is_some() {
            let (client, ip) = (unwrapped.client.clone(), ip.map(|ip| ip.to_string()));
            let introduction = Introduction { layer, client, ip, at: now };
            introduction::note(&self.store, key, introduction);
        }
        Some(layer)
    }

    fn read(self: &Arc<Self>, session: &Arc<Session>, call: &Call, target: Target) -> Rpc<()> {
        let mut snapshot = self.store.snapshot()?;
        let ran = catch_unwind(AssertUnwindSafe(|| call.read(&self.world, &mut snapshot)));
        let done = ran.unwrap_or_else(|_| {
            tracing::error!(method = call.route.name, "handler panicked");
            Err(RpcError::INTERNAL)
        })?;
        self.settle(session, call, target, Ok(done));
        Ok(())
    }

    /// Runs a handler that takes long where nobody waits for it.
    fn read_elsewhere(self: &Arc<Self>, session: &Arc<Session>, call: Call, target: Target) {
        let (gateway, session) = (Arc::clone(self), Arc::clone(session));
        self.workshop.run(call.caller.auth_key, move |fate| {
            let ran = match fate {
                Fate::Do => gateway.read(&session, &call, target),
                Fate::TurnedAway => Err(RpcError::flood_wait(BUSY)),
            };
            if let Err(error) = ran {
                gateway.settle(&session, &call, target, Err(error));
            }
        });
    }

    fn write(self: &Arc<Self>, session: &Arc<Session>, call: Call, target: Target) {
        if call.is_prepared() {
            self.queue(session, call, target);
        } else {
            self.prepare(session, call, target);
        }
    }

    /// Has the slow part done elsewhere, then queues the write.
    fn prepare(self: &Arc<Self>, session: &Arc<Session>, mut call: Call, target: Target) {
        let (gateway, session) = (Arc::clone(self), Arc::clone(session));
        self.workshop.run(call.caller.auth_key, move |fate| {
            let prepared = match fate {
                Fate::Do => call.prepare(&gateway.world, &gateway.store),
                Fate::TurnedAway => Err(RpcError::flood_wait(BUSY)),
            };
            match prepared {
                Ok(()) => gateway.queue(&session, call, target),
                Err(error) => gateway.settle(&session, &call, target, Err(error)),
            }
        });
    }

    fn queue(self: &Arc<Self>, session: &Arc<Session>, call: Call, target: Target) {
        let call = Arc::new(call);
        let (world, inner) = (Arc::clone(&self.world), Arc::clone(&call));
        let ticket = self.store.write(move |txn| inner.write(&world, txn));
        let (gateway, session) = (Arc::clone(self), Arc::clone(session));
        ticket.on_complete(move |done| gateway.settle(&session, &call, target, done));
    }

    /// After the commit: effects first, so that the answer is true when it arrives; then the
    /// answer; then everybody else.
    fn settle(
        self: &Arc<Self>,
        session: &Arc<Session>,
        call: &Call,
        target: Target,
        done: Rpc<Done>,
    ) {
        let _within = call.span.enter();
        let now = self.clock.now();
        let msg_id = call.caller.msg_id;
        let Done { answer, mut outbox } = match done {
            Ok(done) => done,
            Err(error) => {
                self.note_refused(call.route, call.caller.link_key, call.now, &error);
                return self.finish(session, now, msg_id, Err(error), Packing::Plain);
            }
        };
        for effect in std::mem::take(&mut outbox.effects) {
            self.carry_out(effect, now);
        }
        match &answer {
            Ok(_) => self.note_answered(call.route, call.caller.link_key, call.now),
            Err(refusal) => {
                self.note_refused(call.route, call.caller.link_key, call.now, refusal);
            }
        }
        match answer {
            Ok(Answer::Now(object)) => {
                let packing = if call.route.name == tl::upload::GetFile::NAME {
                    Packing::Plain
                } else {
                    Packing::Auto
                };
                self.finish(session, now, msg_id, translate(target, object), packing);
            }
            Ok(Answer::Parked(key)) => self.park(session, call, target, key, now),
            Err(refusal) => self.finish(session, now, msg_id, Err(refusal), Packing::Plain),
        }
        if !outbox.is_empty() {
            self.fanout.send(Committed { outbox, origin: Some(session.name()) });
        }
    }

    fn park(
        self: &Arc<Self>,
        session: &Arc<Session>,
        call: &Call,
        target: Target,
        key: i64,
        now: Timestamp,
    ) {
        let question = Question {
            session: Arc::clone(session),
            request: call.caller.msg_id,
            function: target.function,
            layer: target.layer,
            deadline: now + self.world.limits().callback_answer_timeout,
        };
        if let Err(question) = self.parked.open(key, question) {
            self.finish(
                &question.session,
                now,
                question.request,
                Err(RpcError::BOT_RESPONSE_TIMEOUT),
                Packing::Plain,
            );
        }
    }

    /// Answers a parked question.
    pub(super) fn unpark(
        self: &Arc<Self>,
        question: &Question,
        answer: Rpc<Vec<u8>>,
        now: Timestamp,
    ) {
        let target = Target { function: question.function, layer: question.layer };
        let answer = answer.and_then(|object| translate(target, object));
        self.finish(&question.session, now, question.request, answer, Packing::Auto);
    }
}

/// Which function is asked for, which method that is today, and the request as it is said today.
fn find(query: &Bytes) -> Rpc<(u32, &'static Route, Bytes)> {
    let function = Reader::of(query).u32().map_err(|_| RpcError::INPUT_FETCH_ERROR)?;
    let body = tl::layer::upgrade_request(query).map_err(|error| not_lifted(function, &error))?;
    let body = match body {
        std::borrow::Cow::Borrowed(_) => query.clone(),
        std::borrow::Cow::Owned(bytes) => Bytes::from(bytes),
    };
    let newest = Reader::of(&body).u32().map_err(|_| RpcError::INPUT_FETCH_ERROR)?;
    Ok((function, dispatch::find(newest)?, body))
}

/// Why a request cannot be said in the newest layer: its function is not known or has no heir, or
/// what is in it makes no sense.
fn not_lifted(function: u32, error: &TranslateError) -> RpcError {
    let name = tl::layer::function_name(function);
    tracing::warn!(?name, id = format_args!("{function:#010x}"), %error, "request is of no known layer");
    match error {
        TranslateError::UnknownFunction { .. } => RpcError::METHOD_INVALID,
        TranslateError::Unrepresentable { name: gone, .. } if name == Some(gone) => {
            RpcError::METHOD_INVALID
        }
        TranslateError::Unrepresentable { .. } => RpcError::INPUT_CONSTRUCTOR_INVALID,
        TranslateError::Malformed(_) => RpcError::INPUT_FETCH_ERROR,
    }
}

/// An answer of the newest layer in the caller's.
fn translate(target: Target, object: Vec<u8>) -> Rpc<Bytes> {
    match tl::layer::downgrade_result(target.function, target.layer.get(), &object) {
        Ok(std::borrow::Cow::Borrowed(_)) => Ok(Bytes::from(object)),
        Ok(std::borrow::Cow::Owned(lowered)) => Ok(Bytes::from(lowered)),
        Err(error) => {
            let name = tl::layer::function_name(target.function);
            tracing::warn!(?name, layer = target.layer.get(), %error, "answer cannot be said in this layer");
            Err(RpcError::METHOD_INVALID)
        }
    }
}

/// When to come back if too much slow work waits.
const BUSY: std::time::Duration = std::time::Duration::from_secs(5);

fn newest_layer() -> Layer {
    Layer::new(tl::LAYER).expect("the newest layer is a layer")
}

/// Whether a method is answered where the account is not at home.
fn is_served_abroad(method: &str) -> bool {
    ["auth.", "help.", "langpack.", "upload."].iter().any(|space| method.starts_with(space))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FurtherDc;
    use crate::gateway::fixture::Desk;

    fn dc(id: i32) -> DcId {
        DcId::new(id).expect("a number of a data centre")
    }

    /// What Alice, who is at home in 2, is told on a link that leads to `dialled`.
    #[track_caller]
    fn check(dialled: Option<i32>, request: &impl tl::Function, expected: Result<(), &str>) {
        let mut desk = Desk::with(|config| {
            let addresses = vec![([127, 0, 0, 1], 7701).into()];
            config.further = vec![FurtherDc { id: dc(4), addresses }];
        });
        let alice = desk.cloud.person("Alice");
        let session = desk.log_in(1, alice);
        desk.origin = Origin { dc: dialled.map(dc), ..Origin::default() };
        desk.ask(&session, request);
        desk.write();
        let heard = desk.hear(&session);
        let [(_, answer)] = &heard.answers[..] else { panic!("{heard:?}") };
        assert_eq!(answer.as_ref().map(drop).map_err(String::as_str), expected);
    }

    #[test]
    fn away_from_home_an_account_is_served_files_alone() {
        let state = tl::updates::GetState {};
        check(Some(2), &state, Ok(()));
        check(None, &state, Ok(()));
        check(Some(4), &state, Err("USER_MIGRATE_2"));
        check(Some(4), &tl::help::GetConfig {}, Ok(()));
        check(Some(4), &tl::auth::LogOut {}, Ok(()));
        let part = tl::upload::SaveFilePart { file_id: 1, file_part: 0, bytes: vec![1].into() };
        check(Some(4), &part, Ok(()));
    }
}
