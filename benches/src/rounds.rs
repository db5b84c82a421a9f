//! Contestants take turns: a slice of a few milliseconds each, round after round, so that whatever
//! else the machine does hits all of them alike.

// A bench is about time; nothing else in the project reads the clock here.
#![allow(clippy::disallowed_methods)]

use std::time::{Duration, Instant};

use crate::Trouble;

/// How often everybody gets a turn.
pub(crate) const ROUNDS: usize = 25;
/// The same where one call takes a good part of a second.
pub(crate) const FEW_ROUNDS: usize = 5;
const SLICE: Duration = Duration::from_millis(3);

/// Nanoseconds for one call, by contestant and round.
pub(crate) struct Times(Vec<Vec<f64>>);

/// Somebody who can be asked for a slice of work.
pub(crate) trait Contestant {
    /// Does one unit of the work `calls` times, and says how many nanoseconds all of it took.
    ///
    /// Who runs in another process looks at the clock there: the way to it and back is not its work.
    fn slice(&mut self, calls: u32) -> Result<f64, Trouble>;
}

/// A contestant in this process. Each call is one unit of its work.
pub(crate) struct Own<F>(pub(crate) F);

impl<F: FnMut()> Contestant for Own<F> {
    fn slice(&mut self, calls: u32) -> Result<f64, Trouble> {
        let start = Instant::now();
        for _ in 0..calls {
            (self.0)();
        }
        Ok(start.elapsed().as_nanos() as f64)
    }
}

/// Lets all contestants run in turns. Each call of one is one unit of its work.
pub(crate) fn race(contestants: &mut [&mut dyn FnMut()]) -> Times {
    let mut own: Vec<_> = contestants.iter_mut().map(|run| Own(&mut **run)).collect();
    let mut all: Vec<_> = own.iter_mut().map(|own| own as &mut dyn Contestant).collect();
    race_between(&mut all).expect("who runs in this process does not fail")
}

/// The same for contestants of any kind.
pub(crate) fn race_between(contestants: &mut [&mut dyn Contestant]) -> Result<Times, Trouble> {
    let calls: Result<Vec<u32>, Trouble> =
        contestants.iter_mut().map(|one| calls_in_a_slice(*one)).collect();
    rounds(ROUNDS, contestants, &calls?)
}

/// The same for work that is long: a slice is one call, and there are only [`FEW_ROUNDS`].
pub(crate) fn race_of_long(contestants: &mut [&mut dyn Contestant]) -> Result<Times, Trouble> {
    for one in contestants.iter_mut() {
        one.slice(1)?;
    }
    let calls = vec![1; contestants.len()];
    rounds(FEW_ROUNDS, contestants, &calls)
}

fn rounds(
    count: usize,
    contestants: &mut [&mut dyn Contestant],
    calls: &[u32],
) -> Result<Times, Trouble> {
    let mut times = vec![Vec::with_capacity(count); contestants.len()];
    for round in 0..count {
        for turn in 0..contestants.len() {
            // Another one begins each round: nobody always runs behind the same neighbour.
            let who = (round + turn) % contestants.len();
            times[who].push(contestants[who].slice(calls[who])? / f64::from(calls[who]));
        }
    }
    Ok(Times(times))
}

impl Times {
    /// The median over all rounds.
    pub(crate) fn nanos(&self, who: usize) -> f64 {
        median(self.0[who].clone())
    }

    /// How far the rounds' times lie apart: from the first quartile to the third.
    pub(crate) fn spread(&self, who: usize) -> f64 {
        let mut times = self.0[who].clone();
        times.sort_by(f64::total_cmp);
        times[times.len() * 3 / 4] - times[times.len() / 4]
    }

    /// How many times as long `a` took as `b`: the median of the rounds' own ratios.
    pub(crate) fn ratio(&self, a: usize, b: usize) -> f64 {
        median(self.0[a].iter().zip(&self.0[b]).map(|(a, b)| a / b).collect())
    }

    /// What several took together in each round, as if one had done the work of all.
    pub(crate) fn with_sum_of(mut self, parts: &[usize]) -> Self {
        let rounds = self.0.first().map_or(0, Vec::len);
        let sum = |round: usize| parts.iter().map(|part| self.0[*part][round]).sum();
        let sums = (0..rounds).map(sum).collect();
        self.0.push(sums);
        self
    }
}

fn calls_in_a_slice(one: &mut dyn Contestant) -> Result<u32, Trouble> {
    one.slice(1)?;
    let mut calls = 1;
    loop {
        let span = one.slice(calls)?;
        if span * 4.0 >= SLICE.as_nanos() as f64 {
            let fitting = f64::from(calls) * SLICE.as_nanos() as f64 / span;
            return Ok((fitting as u32).max(1));
        }
        calls *= 2;
    }
}

/// The middle of the sorted values; of an even number, the upper of the two.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_outlier_does_not_move_the_median() {
        assert_eq!(median(vec![3.0, 1.0, 900.0, 2.0, 2.0]), 2.0);
    }

    #[test]
    fn spread_leaves_out_the_outer_quarters() {
        let times = Times(vec![vec![900.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 0.0]]);
        assert_eq!(times.spread(0), 4.0);
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        // Everything is ten times slower in the second round; the ratio is not.
        let times = Times(vec![vec![1.0, 10.0, 1.0], vec![2.0, 20.0, 2.0]]);
        assert_eq!(times.ratio(1, 0), 2.0);
    }

    #[test]
    fn a_sum_is_taken_within_a_round() {
        let times = Times(vec![vec![1.0, 10.0, 1.0], vec![2.0, 20.0, 2.0]]).with_sum_of(&[0, 1]);
        assert_eq!((times.nanos(2), times.ratio(2, 0)), (3.0, 3.0));
    }

    #[test]
    fn who_takes_long_is_called_once_a_round() {
        struct Counted(u32);
        impl Contestant for Counted {
            fn slice(&mut self, calls: u32) -> Result<f64, Trouble> {
                self.0 += calls;
                Ok(1e9)
            }
        }
        let mut one = Counted(0);
        race_of_long(&mut [&mut one]).unwrap();
        assert_eq!(one.0 as usize, 1 + FEW_ROUNDS, "once to warm up");
    }
}
