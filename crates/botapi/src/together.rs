//! One question for all who ask the same at the same time.
//!
//! A bot of many workers asks who it is from each of them. Whoever comes while a question is on its
//! way shares the next one: nobody gets an answer to a question that is older than their own.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

/// A question whose answer is the same for everybody.
#[derive(Debug)]
pub(crate) struct Together<T> {
    /// How many questions have been begun.
    begun: AtomicU64,
    /// The answer to the last one that ended, and its number. Locked while a question is on its way.
    last: Mutex<Option<(u64, T)>>,
}

impl<T> Default for Together<T> {
    fn default() -> Self {
        Self { begun: AtomicU64::new(0), last: Mutex::new(None) }
    }
}

impl<T: Clone> Together<T> {
    /// Asks, unless somebody else has begun to after this call had come; then `question` is dropped
    /// unasked.
    pub(crate) async fn ask(&self, question: impl Future<Output = T>) -> T {
        let before = self.begun.load(Ordering::SeqCst);
        let mut last = self.last.lock().await;
        if let Some((number, answer)) = &*last
            && *number > before
        {
            return answer.clone();
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let answer = question.await;
        *last = Some((number, answer.clone()));
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::oneshot;

    use super::*;

    /// Asks a question that is answered with its number once the test allows it.
    fn ask(
        together: &Arc<Together<u32>>,
        number: u32,
    ) -> (oneshot::Sender<()>, tokio::task::JoinHandle<u32>) {
        let (allow, allowed) = oneshot::channel();
        let together = Arc::clone(together);
        let asking = async move {
            let question = async {
                let _ = allowed.await;
                number
            };
            together.ask(question).await
        };
        (allow, tokio::spawn(asking))
    }

    #[tokio::test]
    async fn who_comes_too_late_for_a_question_shares_the_next() {
        let together = Arc::default();
        let (allow_first, first) = ask(&together, 1);
        tokio::task::yield_now().await;
        let (allow_second, second) = ask(&together, 2);
        let (_never, third) = ask(&together, 3);
        tokio::task::yield_now().await;
        allow_first.send(()).unwrap();
        allow_second.send(()).unwrap();
        assert_eq!(first.await.unwrap(), 1);
        assert_eq!((second.await.unwrap(), third.await.unwrap()), (2, 2));
    }

    #[tokio::test]
    async fn an_answer_is_never_older_than_the_question() {
        let together = Together::default();
        for number in 0..3 {
            assert_eq!(together.ask(async { number }).await, number);
        }
    }

    #[tokio::test]
    async fn who_gives_up_leaves_the_question_to_the_next() {
        let together = Arc::default();
        let (_never, first) = ask(&together, 1);
        tokio::task::yield_now().await;
        let (allow_second, second) = ask(&together, 2);
        tokio::task::yield_now().await;
        first.abort();
        allow_second.send(()).unwrap();
        assert_eq!(second.await.unwrap(), 2);
    }
}
