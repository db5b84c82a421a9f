//! Which targets are wanted. Some take seconds and peers that have to be installed: who works on one
//! need not wait for all.

/// Targets by their numbers; none named means all.
#[derive(Debug, Default)]
pub(crate) struct Selection(Vec<String>);

impl Selection {
    /// Adds what a person wrote: `P12`, `p12`, `P9,P10`.
    pub(crate) fn add(&mut self, text: &str) {
        self.0.extend(text.split(',').map(|name| name.trim().to_uppercase()));
    }

    /// Whether a target is wanted.
    pub(crate) fn has(&self, target: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|name| name == target)
    }

    /// The first name that is none of `known`.
    pub(crate) fn stranger(&self, known: &[&str]) -> Option<&str> {
        self.0.iter().map(String::as_str).find(|name| !known.contains(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_named_is_everything() {
        assert!(Selection::default().has("P1"));
    }

    #[test]
    fn only_what_is_named_is_wanted() {
        let mut only = Selection::default();
        only.add("p9, P10");
        assert_eq!(["P1", "P9", "P10"].map(|target| only.has(target)), [false, true, true]);
    }

    #[test]
    fn a_target_that_there_is_not_is_told() {
        let mut only = Selection::default();
        only.add("P1,P99");
        assert_eq!(only.stranger(&["P1", "P2"]), Some("P99"));
    }
}
