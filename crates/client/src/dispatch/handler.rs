//! Functions as handlers.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;

use super::context::Context;
use super::extract::FromContext;

/// What went wrong in a handler; any error converts into it.
pub type HandlerError = Box<dyn Error + Send + Sync>;

/// What a handler made of an event.
#[derive(Debug)]
pub enum Outcome {
    /// It was handled: no other handler sees it.
    Handled,
    /// The handler wants something that the event does not have; the next one may.
    Declined,
    /// The handler failed.
    Failed(HandlerError),
}

/// A function that handles events. `Args` tells apart functions of different arguments.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler for the state `{S}`",
    note = "a handler is an async fn of up to six arguments that implement `FromContext`, \
            and returns a `Result<(), impl Into<HandlerError>>`"
)]
pub trait Handler<S, Args>: Send + Sync + 'static {
    /// Runs the function, if the event has what it asks for.
    fn call(&self, context: &Context<S>) -> Pin<Box<dyn Future<Output = Outcome> + Send>>;
}

macro_rules! handler {
    ($($arg:ident)*) => {
        impl<S, F, Fut, E, $($arg),*> Handler<S, ($($arg,)*)> for F
        where
            F: Fn($($arg),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Result<(), E>> + Send + 'static,
            E: Into<HandlerError>,
            $($arg: FromContext<S>,)*
        {
            #[allow(non_snake_case, unused_variables)] // Arguments are named after their types.
            fn call(&self, context: &Context<S>) -> Pin<Box<dyn Future<Output = Outcome> + Send>> {
                $(
                    let Some($arg) = $arg::from_context(context) else {
                        return Box::pin(async { Outcome::Declined });
                    };
                )*
                let running = self($($arg),*);
                Box::pin(async move {
                    match running.await {
                        Ok(()) => Outcome::Handled,
                        Err(error) => Outcome::Failed(error.into()),
                    }
                })
            }
        }
    };
}

handler!();
handler!(A);
handler!(A B);
handler!(A B C);
handler!(A B C D);
handler!(A B C D E2);
handler!(A B C D E2 G);

/// A handler whose type does not matter any more.
pub(super) type Erased<S> =
    Arc<dyn Fn(&Context<S>) -> Pin<Box<dyn Future<Output = Outcome> + Send>> + Send + Sync>;

/// Forgets the type of a handler.
pub(super) fn erase<S: 'static, Args: 'static>(handler: impl Handler<S, Args>) -> Erased<S> {
    Arc::new(move |context| handler.call(context))
}
