//! What the system says of itself: errors that it logs and panics that it survives are faults here.

use std::cell::RefCell;
use std::fmt::{self, Write as _};
use std::panic;
use std::sync::{Arc, Once};

use parking_lot::Mutex;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Level, Metadata, Subscriber};

/// Hears the errors of one thread, for as long as its guard lives. Clones hear the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Ears(Arc<Mutex<Vec<String>>>);

/// Keeps listening until it is dropped.
pub(super) struct Listening {
    _errors: DefaultGuard,
}

thread_local! {
    /// Where the panics of this thread are told, if somebody listens.
    static PANICS: RefCell<Option<Ears>> = const { RefCell::new(None) };
}

impl Ears {
    /// Begins to listen on this thread.
    pub(super) fn listen(&self) -> Listening {
        hear_panics();
        PANICS.with_borrow_mut(|panics| *panics = Some(self.clone()));
        Listening { _errors: tracing::subscriber::set_default(self.clone()) }
    }

    /// What was heard since the last look.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock())
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        PANICS.with_borrow_mut(|panics| *panics = None);
    }
}

/// Has panics told to whoever listens on their thread, beside what is done with them anyway.
fn hear_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let heard = PANICS.try_with(|panics| {
                let panics = panics.try_borrow().ok()?;
                panics.as_ref().map(|ears| ears.0.lock().push(format!("panic: {info}")))
            });
            if !matches!(heard, Ok(Some(()))) {
                others(info);
            }
        }));
    });
}

impl Subscriber for Ears {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }

    fn max_level_hint(&self) -> Option<tracing::level_filters::LevelFilter> {
        Some(tracing::level_filters::LevelFilter::ERROR)
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        self.0.lock().push(format!("{}:{}", event.metadata().target(), line.0));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = match field.name() {
            "message" => write!(self.0, " {value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_and_panics_of_the_thread_are_heard() {
        let ears = Ears::default();
        let listening = ears.listen();
        tracing::error!(what = 7, "it broke");
        tracing::warn!("it creaks");
        let caught = panic::catch_unwind(|| panic!("on purpose"));
        assert!(caught.is_err());
        let heard = ears.take();
        assert_eq!(heard.len(), 2, "{heard:?}");
        assert!(heard[0].contains("it broke what=7"), "{heard:?}");
        assert!(heard[1].contains("on purpose"), "{heard:?}");
        drop(listening);
        tracing::error!("nobody listens");
        assert!(ears.take().is_empty());
    }
}
