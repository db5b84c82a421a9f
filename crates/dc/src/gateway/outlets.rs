//! Where a session can answer: its newest stream, or the HTTP connections that wait for it.

use heliogram_net::Waker;

/// HTTP connections of one session; browsers open six.
const WEB_MAX: usize = 32;

/// The links of one session.
///
/// The newest is sure to be listened to. A stream carries everything, so nothing older counts
/// beside it. An HTTP connection carries one message for each request that waits on it, so all of
/// them count, and the newest that has one is preferred.
#[derive(Default)]
pub(super) struct Outlets {
    stream: Option<Attached>,
    /// The newest last.
    web: Vec<Web>,
}

struct Attached {
    number: u64,
    waker: Waker,
}

struct Web {
    link: Attached,
    waiting: usize,
}

impl Outlets {
    /// A message came over a stream; whether that is another one than before.
    pub(super) fn attach_stream(&mut self, number: u64, waker: &Waker) -> bool {
        if self.stream.as_ref().is_some_and(|link| link.number == number) {
            return false;
        }
        self.stream = Some(Attached { number, waker: waker.clone() });
        true
    }

    /// A request came over HTTP and waits. The oldest connection makes room; what waits there is
    /// answered all the same when its time has come.
    pub(super) fn attach_web(&mut self, number: u64, waker: &Waker) {
        self.stream = None;
        let waiting = match self.web.iter().position(|web| web.link.number == number) {
            Some(at) => self.web.remove(at).waiting,
            None if self.web.len() >= WEB_MAX => {
                self.web.remove(0);
                0
            }
            None => 0,
        };
        let link = Attached { number, waker: waker.clone() };
        self.web.push(Web { link, waiting: waiting + 1 });
    }

    /// A request that waited is answered.
    pub(super) fn answered(&mut self, number: u64) {
        if let Some(web) = self.web.iter_mut().find(|web| web.link.number == number) {
            web.waiting = web.waiting.saturating_sub(1);
        }
    }

    /// A link is gone; whether none is left.
    pub(super) fn detach(&mut self, number: u64) -> bool {
        if self.stream.as_ref().is_some_and(|link| link.number == number) {
            self.stream = None;
        }
        self.web.retain(|web| web.link.number != number);
        self.stream.is_none() && self.web.is_empty()
    }

    /// Whether there is a link besides this one.
    pub(super) fn is_elsewhere(&self, number: u64) -> bool {
        let web = self.web.iter().map(|web| &web.link);
        self.stream.iter().chain(web).any(|link| link.number != number)
    }

    /// Whether this link is the one to answer on.
    pub(super) fn prefers(&self, number: u64) -> bool {
        self.preferred().is_some_and(|link| link.number == number)
    }

    /// How many requests wait on all HTTP connections.
    pub(super) fn waiting(&self) -> usize {
        self.web.iter().map(|web| web.waiting).sum()
    }

    /// Wakes the link to answer on, if there is one.
    pub(super) fn wake(&self) {
        if let Some(link) = self.preferred() {
            link.waker.wake();
        }
    }

    /// Closes all of them.
    pub(super) fn cut(&self) {
        let web = self.web.iter().map(|web| &web.link);
        self.stream.iter().chain(web).for_each(|link| link.waker.drain());
    }

    fn preferred(&self) -> Option<&Attached> {
        let web = self.web.iter().rev().find(|web| web.waiting > 0).map(|web| &web.link);
        self.stream.as_ref().or(web)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waker() -> Waker {
        Waker::new()
    }

    #[test]
    fn a_client_that_turns_to_http_is_answered_there() {
        let mut outlets = Outlets::default();
        assert!(outlets.attach_stream(1, &waker()));
        outlets.attach_web(2, &waker());
        assert!(outlets.prefers(2) && !outlets.prefers(1));
        assert!(outlets.attach_stream(1, &waker()));
        assert!(outlets.prefers(1));
    }

    #[test]
    fn a_link_is_not_elsewhere_of_itself() {
        let mut outlets = Outlets::default();
        assert!(!outlets.is_elsewhere(1));
        outlets.attach_stream(1, &waker());
        assert!(!outlets.is_elsewhere(1) && outlets.is_elsewhere(2));
        outlets.attach_web(2, &waker());
        assert!(outlets.is_elsewhere(1) && !outlets.is_elsewhere(2));
    }

    #[test]
    fn the_newest_stream_is_preferred() {
        let mut outlets = Outlets::default();
        outlets.attach_web(1, &waker());
        assert!(outlets.prefers(1));
        assert!(outlets.attach_stream(2, &waker()));
        assert!(!outlets.attach_stream(2, &waker()));
        assert!(outlets.attach_stream(3, &waker()));
        assert!(outlets.prefers(3) && !outlets.prefers(2) && !outlets.prefers(1));
        assert!(!outlets.detach(3));
        assert!(outlets.prefers(1));
        assert!(outlets.detach(1));
    }

    #[test]
    fn requests_are_answered_where_the_newest_waits() {
        let mut outlets = Outlets::default();
        for number in [1, 2, 1, 3] {
            outlets.attach_web(number, &waker());
        }
        assert_eq!(outlets.waiting(), 4);
        assert!(outlets.prefers(3));
        outlets.answered(3);
        assert!(outlets.prefers(1));
        outlets.answered(1);
        assert!(outlets.prefers(1));
        outlets.answered(1);
        assert!(outlets.prefers(2));
        outlets.answered(2);
        assert_eq!(outlets.waiting(), 0);
        assert!(!outlets.prefers(1) && !outlets.prefers(2) && !outlets.prefers(3));
    }

    #[test]
    fn a_session_has_no_more_connections_than_it_may() {
        let mut outlets = Outlets::default();
        for number in 0..=u64::try_from(WEB_MAX).unwrap() {
            outlets.attach_web(number, &waker());
        }
        assert_eq!(outlets.waiting(), WEB_MAX);
        outlets.answered(0);
        assert_eq!(outlets.waiting(), WEB_MAX);
    }
}
