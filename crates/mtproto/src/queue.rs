//! A queue for what is nearly always empty.
//!
//! A server has hundreds of thousands of connections on which nothing happens. The room for four
//! events, kept by each until the next, would weigh more than all the rest of it.

use std::collections::VecDeque;

/// First in, first out; while it is empty it holds no memory.
#[derive(Debug)]
pub(crate) struct Queue<T>(VecDeque<T>);

impl<T> Queue<T> {
    pub(crate) const fn new() -> Self {
        Self(VecDeque::new())
    }

    pub(crate) fn push_back(&mut self, item: T) {
        self.0.push_back(item);
    }

    pub(crate) fn pop_front(&mut self) -> Option<T> {
        let item = self.0.pop_front();
        if self.0.is_empty() {
            self.0 = VecDeque::new();
        }
        item
    }

    pub(crate) fn front(&self) -> Option<&T> {
        self.0.front()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn clear(&mut self) {
        self.0 = VecDeque::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_to_leave_takes_the_memory_along() {
        let mut queue = Queue::new();
        for round in 0..3 {
            queue.push_back(round);
            queue.push_back(7);
            assert_eq!((queue.len(), queue.front()), (2, Some(&round)));
            assert_eq!((queue.pop_front(), queue.pop_front()), (Some(round), Some(7)));
            assert_eq!((queue.pop_front(), queue.0.capacity()), (None, 0));
        }
        queue.push_back(1);
        queue.clear();
        assert_eq!((queue.len(), queue.0.capacity()), (0, 0));
    }
}
