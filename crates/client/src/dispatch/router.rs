//! Routes in order: the first whose filter and handler want an event gets it.

use std::sync::Arc;

use super::context::Context;
use super::filter::Predicate;
use super::handler::{Erased, Handler, HandlerError, Outcome, erase};

/// Which update goes to which handler.
pub struct Router<S> {
    routes: Vec<Route<S>>,
    on_error: Option<OnError>,
}

struct Route<S> {
    filter: Box<dyn Predicate>,
    handler: Erased<S>,
}

type OnError = Arc<dyn Fn(&HandlerError) + Send + Sync>;

impl<S> Default for Router<S> {
    fn default() -> Self {
        Self { routes: Vec::new(), on_error: None }
    }
}

impl<S: Send + Sync + 'static> Router<S> {
    /// A router without routes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends what `filter` lets through to `handler`, unless an earlier route took it.
    #[must_use]
    pub fn on<Args: 'static>(
        mut self,
        filter: impl Predicate,
        handler: impl Handler<S, Args>,
    ) -> Self {
        self.routes.push(Route { filter: Box::new(filter), handler: erase(handler) });
        self
    }

    /// Takes over the routes of another module, behind the ones that are here.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.routes.extend(other.routes);
        self.on_error = self.on_error.or(other.on_error);
        self
    }

    /// Has `told` called with what went wrong in handlers; otherwise it is logged.
    #[must_use]
    pub fn on_error(mut self, told: impl Fn(&HandlerError) + Send + Sync + 'static) -> Self {
        self.on_error = Some(Arc::new(told));
        self
    }

    /// Hands an event to the first route that wants it; whether one did.
    pub async fn dispatch(&self, context: &Context<S>) -> bool {
        for route in self.routes.iter().filter(|route| route.filter.test(&context.event)) {
            match (route.handler)(context).await {
                Outcome::Declined => {}
                Outcome::Handled => return true,
                Outcome::Failed(error) => {
                    self.report(&error);
                    return true;
                }
            }
        }
        false
    }

    fn report(&self, error: &HandlerError) {
        match &self.on_error {
            Some(told) => told(error),
            None => tracing::error!(%error, "handler failed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use heliogram_crypto::SeededRandom;
    use heliogram_crypto::rsa::PrivateKey;
    use heliogram_ids::DcId;
    use parking_lot::Mutex;

    use super::*;
    use crate::Client;
    use crate::dispatch::{Event, Message, State, any, matching};

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<&'static str>>>);

    /// A client that will never be connected.
    fn client() -> Client {
        let key = PrivateKey::generate(&mut SeededRandom::new(1)).public();
        let nowhere =
            || async { Err::<tokio::io::DuplexStream, _>(io::ErrorKind::NotFound.into()) };
        let builder = Client::builder().api(1, "hash").dc(DcId::MIN, nowhere, [key]);
        builder.start().unwrap()
    }

    async fn run(router: Router<Log>) -> (bool, Vec<&'static str>) {
        let log = Log::default();
        let state = Arc::new(log.clone());
        let context = Context { client: client(), event: Event::Lost, state };
        let taken = router.dispatch(&context).await;
        let said = log.0.lock().clone();
        (taken, said)
    }

    async fn one(State(log): State<Log>) -> Result<(), HandlerError> {
        log.0.lock().push("one");
        Ok(())
    }

    async fn two(State(log): State<Log>) -> Result<(), HandlerError> {
        log.0.lock().push("two");
        Ok(())
    }

    async fn wants_a_message(_: Message, State(log): State<Log>) -> Result<(), HandlerError> {
        log.0.lock().push("message");
        Ok(())
    }

    async fn fails(State(log): State<Log>) -> Result<(), HandlerError> {
        log.0.lock().push("fails");
        Err("on purpose".into())
    }

    #[tokio::test]
    async fn the_first_route_that_wants_an_event_gets_it() {
        let router =
            Router::new().on(matching(|_: &Event| false), one).on(any(), two).on(any(), one);
        assert_eq!(run(router).await, (true, vec!["two"]));
    }

    #[tokio::test]
    async fn a_handler_that_asks_for_too_much_is_passed_over() {
        let router = Router::new().on(any(), wants_a_message).on(any(), one);
        assert_eq!(run(router).await, (true, vec!["one"]));
    }

    #[tokio::test]
    async fn a_failure_is_told_and_ends_the_search() {
        let told = Log::default();
        let seen = told.clone();
        let router = Router::new()
            .on(any(), fails)
            .on(any(), one)
            .on_error(move |_| seen.0.lock().push("told"));
        assert_eq!(run(router).await, (true, vec!["fails"]));
        assert_eq!(*told.0.lock(), ["told"]);
    }

    #[tokio::test]
    async fn what_nobody_wants_is_left() {
        let router = Router::new().on(any(), wants_a_message).merge(Router::new());
        assert_eq!(run(router).await, (false, vec![]));
    }
}
