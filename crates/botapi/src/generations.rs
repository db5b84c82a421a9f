//! A bounded memory that forgets what nobody asked for.

use std::collections::HashMap;
use std::hash::Hash;

/// Values by key, in two generations: when the young one is full it becomes the old one, and the
/// old one goes. What is asked for moves to the young generation.
#[derive(Debug)]
pub(crate) struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    generation_max: usize,
}

impl<K: Copy + Eq + Hash, V> Generations<K, V> {
    /// An empty memory of at most twice `generation_max` values.
    pub(crate) fn new(generation_max: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), generation_max }
    }

    /// The value, which is then among the last to be forgotten.
    pub(crate) fn get(&mut self, key: K) -> Option<&V> {
        if let Some(value) = self.old.remove(&key) {
            self.insert(key, value);
        }
        self.young.get(&key)
    }

    /// Remembers a value in place of an earlier one.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        if self.young.len() >= self.generation_max && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.old.remove(&key);
        self.young.insert(key, value);
    }

    /// Forgets a value.
    pub(crate) fn remove(&mut self, key: K) {
        self.young.remove(&key);
        self.old.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_the_used_survive() {
        let mut memory = Generations::new(4);
        memory.insert(0, "kept");
        for key in 1..100 {
            memory.insert(key, "");
            assert_eq!(memory.get(0), Some(&"kept"));
        }
        assert!(memory.young.len() + memory.old.len() <= 8);
        assert_eq!(memory.get(1), None);
        memory.remove(0);
        assert_eq!(memory.get(0), None);
    }
}
