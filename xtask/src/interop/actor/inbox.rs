//! Everything an actor has said, in order, and a way to wait for more.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::Deserialize;
use serde_json::Value;

use super::things::{Event, Ready};
use super::trouble::{Told, Trouble};

/// The lines of one actor, sorted.
#[derive(Default)]
pub(super) struct Inbox {
    heard: Mutex<Heard>,
    more: Condvar,
}

/// What came so far.
#[derive(Default)]
struct Heard {
    ready: Option<Ready>,
    answers: HashMap<u64, Answer>,
    events: Vec<Event>,
    is_over: bool,
}

/// The answer to an order.
#[derive(Debug, Deserialize)]
struct Answer {
    #[serde(default)]
    ok: Value,
    error: Option<String>,
    cannot: Option<String>,
}

impl Inbox {
    /// Takes a line in.
    ///
    /// # Errors
    /// If the contract knows no such line.
    pub(super) fn take(&self, line: &str) -> serde_json::Result<()> {
        let sorted = self.lock().sort(line);
        self.more.notify_all();
        sorted
    }

    /// No more lines will come.
    pub(super) fn close(&self) {
        self.lock().is_over = true;
        self.more.notify_all();
    }

    /// Who the actor says it is.
    pub(super) fn ready(&self, deadline: Instant) -> Told<Ready> {
        self.wait(deadline, |heard| heard.ready.clone())
            .ok_or_else(|| Trouble::Wrong("the actor does not come on stage".to_owned()))
    }

    /// The answer to an order.
    pub(super) fn answer(&self, order: u64, name: &str, deadline: Instant) -> Told<Value> {
        let answer = self.wait(deadline, |heard| heard.answers.remove(&order));
        let Some(answer) = answer else {
            let why = if self.lock().is_over { "the actor is gone" } else { "no answer in time" };
            return Err(Trouble::Wrong(format!("{name}: {why}")));
        };
        match answer {
            Answer { cannot: Some(why), .. } => Err(Trouble::Cannot(why)),
            Answer { error: Some(error), .. } => Err(Trouble::Refused(error)),
            Answer { ok, .. } => Ok(ok),
        }
    }

    /// What the first event, past or future, holds that `wanted` picks something from.
    pub(super) fn first<T>(
        &self,
        deadline: Instant,
        what: &str,
        wanted: impl Fn(&Event) -> Option<T>,
    ) -> Told<T> {
        let mut seen = 0;
        let found = self.wait(deadline, |heard| {
            let fresh = heard.events.get(seen..).unwrap_or_default();
            seen = heard.events.len();
            fresh.iter().find_map(&wanted)
        });
        found.ok_or_else(|| {
            Trouble::Unheard(format!("{what}; {} others came", self.lock().events.len()))
        })
    }

    /// Everything so far that `wanted` picks something from.
    pub(super) fn all<T>(&self, wanted: impl Fn(&Event) -> Option<T>) -> Vec<T> {
        self.lock().events.iter().filter_map(wanted).collect()
    }

    fn wait<T>(
        &self,
        deadline: Instant,
        mut wanted: impl FnMut(&mut Heard) -> Option<T>,
    ) -> Option<T> {
        let mut heard = self.lock();
        loop {
            if let Some(found) = wanted(&mut heard) {
                return Some(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || heard.is_over {
                return None;
            }
            heard = self.more.wait_timeout(heard, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Heard {
    fn sort(&mut self, line: &str) -> serde_json::Result<()> {
        let mut value: Value = serde_json::from_str(line)?;
        if let Some(ready) = value.get_mut("ready") {
            self.ready = Some(serde_json::from_value(ready.take())?);
        } else if let Some(order) = value.get("id").and_then(Value::as_u64) {
            self.answers.insert(order, serde_json::from_value(value)?);
        } else {
            self.events.push(serde_json::from_value(value)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn inbox(lines: &[&str]) -> Inbox {
        let inbox = Inbox::default();
        lines.iter().for_each(|line| inbox.take(line).unwrap());
        inbox
    }

    #[test]
    fn an_answer_is_a_value_a_refusal_or_a_no() {
        let inbox = inbox(&[
            r#"{"id":1,"ok":{"id":9}}"#,
            r#"{"id":2,"error":"MESSAGE_EMPTY"}"#,
            r#"{"id":3,"cannot":"no such method"}"#,
            r#"{"id":4,"ok":null}"#,
        ]);
        let check = |order| inbox.answer(order, "order", Instant::now());
        assert_eq!(check(1).unwrap()["id"], 9);
        assert_eq!(check(2), Err(Trouble::Refused("MESSAGE_EMPTY".to_owned())));
        assert_eq!(check(3), Err(Trouble::Cannot("no such method".to_owned())));
        assert_eq!(check(4), Ok(Value::Null));
        assert!(matches!(check(5), Err(Trouble::Wrong(_))));
    }

    #[test]
    fn events_are_found_whether_they_came_before_or_come_after() {
        let inbox = inbox(&[r#"{"event":"read","up_to":3}"#]);
        let up_to = |wanted: i64| {
            inbox.first(Instant::now() + Duration::from_secs(5), "a mark", |event| match event {
                Event::Read { up_to } => (*up_to == wanted).then_some(*up_to),
                _ => None,
            })
        };
        assert_eq!(up_to(3), Ok(3));
        std::thread::scope(|scope| {
            scope.spawn(|| inbox.take(r#"{"event":"read","up_to":8}"#).unwrap());
            assert_eq!(up_to(8), Ok(8));
        });
        inbox.close();
        assert!(matches!(up_to(9), Err(Trouble::Unheard(_))));
    }

    #[test]
    fn what_is_no_line_of_the_contract_is_refused() {
        let inbox = Inbox::default();
        assert!(inbox.take("connecting …").is_err());
        assert!(inbox.take(r#"{"event":"sneeze"}"#).is_err());
        assert!(inbox.take(r#"{"event":"read","up_to":1}"#).is_ok());
    }
}
