//! One row for each method: its name, who may call it, whether it writes, and its handler.

use bytes::Bytes;
use heliogram_tl::{Encode as _, Function};

use crate::cx::{Reading, StrangerReading, StrangerWriting, Writing};
use crate::domain::files::ready::Ready;
use crate::domain::passwords::Proven;
use crate::error::{Rpc, RpcError};

/// Who may call a method.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Access {
    /// Anybody, logged in or not.
    Anyone,
    /// People; bots get `BOT_METHOD_INVALID`.
    User,
    /// Bots; people get `USER_BOT_REQUIRED`.
    Bot,
    /// Whoever is logged in.
    UserOrBot,
}

/// What a handler answers: a value now, or one that somebody else will give.
#[derive(Debug)]
pub(crate) enum Answer<T> {
    Now(T),
    /// The question is open under this number until it is answered or the time is over.
    Parked(i64),
}

/// An erased handler: the request's bytes in, the answer's bytes out.
#[derive(Clone, Copy)]
pub(crate) enum Handler {
    Read(fn(&mut Reading<'_>, &Bytes) -> Rpc<Vec<u8>>),
    Write(fn(&mut Writing<'_>, &Bytes) -> Rpc<Vec<u8>>),
    Park(fn(&mut Writing<'_>, &Bytes) -> Rpc<Answer<Vec<u8>>>),
    StrangerRead(fn(&mut StrangerReading<'_>, &Bytes) -> Rpc<Vec<u8>>),
    /// Reads, and does arithmetic with large numbers on the way.
    StrangerSlowRead(fn(&mut StrangerReading<'_>, &Bytes) -> Rpc<Vec<u8>>),
    StrangerWrite(fn(&mut StrangerWriting<'_>, &Bytes) -> Rpc<Vec<u8>>),
    /// Writes, after something slow that needs no transaction: see [`Ready`].
    Prepared {
        prepare: fn(&mut Reading<'_>, &Bytes) -> Rpc<Vec<Ready>>,
        write: fn(&mut Writing<'_>, &Bytes, &[Ready]) -> Rpc<Vec<u8>>,
    },
    /// Writes, after the proof of a password: that is arithmetic with large numbers, for which the
    /// writer has no time.
    Proved {
        prove: fn(&mut StrangerReading<'_>, &Bytes) -> Rpc<Option<Proven>>,
        write: fn(&mut StrangerWriting<'_>, &Bytes, Option<&Proven>) -> Rpc<Vec<u8>>,
    },
}

/// One row.
#[derive(Clone, Copy)]
pub(crate) struct Route {
    pub(crate) id: u32,
    pub(crate) name: &'static str,
    pub(crate) access: Access,
    pub(crate) handler: Handler,
}

impl Route {
    pub(crate) const fn new<F: Function>(
        name: &'static str,
        access: Access,
        handler: Handler,
    ) -> Self {
        assert!(same(name, F::NAME), "the row is named like its request");
        Self { id: F::ID, name, access, handler }
    }
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut index = 0;
    while index < a.len() && index < b.len() {
        if a[index] != b[index] {
            return false;
        }
        index += 1;
    }
    a.len() == b.len()
}

/// Runs a typed handler on encoded TL.
pub(crate) fn run<C, F: Function>(
    cx: &mut C,
    body: &Bytes,
    handle: fn(&mut C, F) -> Rpc<F::Return>,
) -> Rpc<Vec<u8>> {
    let request = parse::<F>(body)?;
    Ok(handle(cx, request)?.to_bytes())
}

/// Runs a typed handler whose answer may come later.
pub(crate) fn run_parked<C, F: Function>(
    cx: &mut C,
    body: &Bytes,
    handle: fn(&mut C, F) -> Rpc<Answer<F::Return>>,
) -> Rpc<Answer<Vec<u8>>> {
    let request = parse::<F>(body)?;
    Ok(match handle(cx, request)? {
        Answer::Now(answer) => Answer::Now(answer.to_bytes()),
        Answer::Parked(key) => Answer::Parked(key),
    })
}

/// Runs the slow half of a typed handler.
pub(crate) fn run_prepare<F: Function>(
    cx: &mut Reading<'_>,
    body: &Bytes,
    prepare: fn(&mut Reading<'_>, &F) -> Rpc<Vec<Ready>>,
) -> Rpc<Vec<Ready>> {
    prepare(cx, &parse::<F>(body)?)
}

/// Runs the other half, with what the slow one made.
pub(crate) fn run_prepared<F: Function>(
    cx: &mut Writing<'_>,
    body: &Bytes,
    ready: &[Ready],
    handle: fn(&mut Writing<'_>, F, &[Ready]) -> Rpc<F::Return>,
) -> Rpc<Vec<u8>> {
    let request = parse::<F>(body)?;
    Ok(handle(cx, request, ready)?.to_bytes())
}

/// Runs the proof that a typed handler waits for.
pub(crate) fn run_prove<F: Function>(
    cx: &mut StrangerReading<'_>,
    body: &Bytes,
    prove: fn(&mut StrangerReading<'_>, &F) -> Rpc<Option<Proven>>,
) -> Rpc<Option<Proven>> {
    prove(cx, &parse::<F>(body)?)
}

/// Runs the handler, with what was proved.
pub(crate) fn run_proved<F: Function>(
    cx: &mut StrangerWriting<'_>,
    body: &Bytes,
    proven: Option<&Proven>,
    handle: fn(&mut StrangerWriting<'_>, F, Option<&Proven>) -> Rpc<F::Return>,
) -> Rpc<Vec<u8>> {
    let request = parse::<F>(body)?;
    Ok(handle(cx, request, proven)?.to_bytes())
}

fn parse<F: Function>(body: &Bytes) -> Rpc<F> {
    F::from_bytes(body).map_err(|error| {
        tracing::debug!(method = F::NAME, %error, "request does not parse");
        RpcError::INPUT_FETCH_ERROR
    })
}

/// The table of one namespace.
///
/// ```text
/// routes! {
///     messages.getHistory   read  User:      GetHistory  => get_history;
///     messages.sendMedia    prepared UserOrBot: SendMedia => prepare_media, send_media;
///     auth.checkPassword    proved Anyone:   CheckPassword => prove, check_password;
///     messages.sendMessage  write UserOrBot: SendMessage => send_message;
/// }
/// ```
macro_rules! routes {
    ($($namespace:ident.$method:ident $kind:ident $access:ident => $request:ident, $($handler:path),+;)*) => {
        pub(super) const ROUTES: &[$crate::rpc::route::Route] = &[$(
            $crate::rpc::route::Route::new::<heliogram_tl::$namespace::$request>(
                concat!(stringify!($namespace), ".", stringify!($method)),
                $crate::rpc::route::Access::$access,
                $crate::rpc::route::routes!(@ $kind $access $($handler),+),
            ),
        )*];
    };
    (@ read Anyone $handler:path) => {
        $crate::rpc::route::Handler::StrangerRead(|cx, body| $crate::rpc::route::run(cx, body, $handler))
    };
    (@ slow Anyone $handler:path) => {
        $crate::rpc::route::Handler::StrangerSlowRead(|cx, body| $crate::rpc::route::run(cx, body, $handler))
    };
    (@ write Anyone $handler:path) => {
        $crate::rpc::route::Handler::StrangerWrite(|cx, body| $crate::rpc::route::run(cx, body, $handler))
    };
    (@ read $access:ident $handler:path) => {
        $crate::rpc::route::Handler::Read(|cx, body| $crate::rpc::route::run(cx, body, $handler))
    };
    (@ write $access:ident $handler:path) => {
        $crate::rpc::route::Handler::Write(|cx, body| $crate::rpc::route::run(cx, body, $handler))
    };
    (@ prepared $access:ident $prepare:path, $handler:path) => {
        $crate::rpc::route::Handler::Prepared {
            prepare: |cx, body| $crate::rpc::route::run_prepare(cx, body, $prepare),
            write: |cx, body, ready| $crate::rpc::route::run_prepared(cx, body, ready, $handler),
        }
    };
    (@ proved $access:ident $prove:path, $handler:path) => {
        $crate::rpc::route::Handler::Proved {
            prove: |cx, body| $crate::rpc::route::run_prove(cx, body, $prove),
            write: |cx, body, proven| $crate::rpc::route::run_proved(cx, body, proven, $handler),
        }
    };
    (@ park $access:ident $handler:path) => {
        $crate::rpc::route::Handler::Park(|cx, body| $crate::rpc::route::run_parked(cx, body, $handler))
    };
}
pub(crate) use routes;
