//! Fewer steps that still fail: a world is a function of them, so any part can be tried.

use super::world::Script;

/// Leaves out whatever `fails` does not need, first in large pieces, then one by one. The script must
/// fail as it is.
pub fn shrink(script: &Script, mut fails: impl FnMut(&Script) -> bool) -> Script {
    let mut kept: Vec<usize> = script.steps.iter().map(|(number, _)| *number).collect();
    let mut piece = kept.len().div_ceil(2);
    while piece > 0 {
        let mut at = 0;
        while at < kept.len() {
            let end = (at + piece).min(kept.len());
            let rest = [&kept[..at], &kept[end..]].concat();
            if fails(&script.only(&rest)) {
                kept = rest;
            } else {
                at = end;
            }
        }
        piece = if piece == 1 { 0 } else { piece.div_ceil(2) };
    }
    script.only(&kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(needed: &[usize]) {
        let whole = Script::whole(1);
        let numbers = |script: &Script| -> Vec<usize> {
            script.steps.iter().map(|(number, _)| *number).collect()
        };
        let fails = |script: &Script| needed.iter().all(|step| numbers(script).contains(step));
        assert_eq!(numbers(&shrink(&whole, fails)), needed);
    }

    #[test]
    fn only_what_is_needed_is_left() {
        check(&[]);
        check(&[0]);
        check(&[3, 7]);
        check(&[0, 1, 5, 11]);
    }
}
