//! Contestants take turns: a slice of a few milliseconds each, round after round, so that whatever
//! else the machine does hits all of them alike.

// A bench is about time; nothing else in the project reads the clock here.
#![allow(clippy::disallowed_methods)]

use std::time::{Duration, Instant};

/// How often everybody gets a turn.
pub(crate) const ROUNDS: usize = 25;
const SLICE: Duration = Duration::from_millis(3);

/// Nanoseconds for one call, by contestant and round.
pub(crate) struct Times(Vec<Vec<f64>>);

/// Lets all contestants run in turns. Each call of one is one unit of its work.
pub(crate) fn race(contestants: &mut [&mut dyn FnMut()]) -> Times {
    let calls: Vec<u32> = contestants.iter_mut().map(|run| calls_in_a_slice(*run)).collect();
    let mut times = vec![Vec::with_capacity(ROUNDS); contestants.len()];
    for round in 0..ROUNDS {
        for turn in 0..contestants.len() {
            // Another one begins each round: nobody always runs behind the same neighbour.
            let who = (round + turn) % contestants.len();
            times[who].push(time(contestants[who], calls[who]));
        }
    }
    Times(times)
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
}

fn calls_in_a_slice(run: &mut dyn FnMut()) -> u32 {
    run();
    let mut calls = 1;
    loop {
        let span = time(run, calls) * f64::from(calls);
        if span * 4.0 >= SLICE.as_nanos() as f64 {
            let fitting = f64::from(calls) * SLICE.as_nanos() as f64 / span;
            return (fitting as u32).max(1);
        }
        calls *= 2;
    }
}

fn time(run: &mut dyn FnMut(), calls: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        run();
    }
    start.elapsed().as_nanos() as f64 / f64::from(calls)
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
}
