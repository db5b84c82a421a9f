//! One line of the table: what was measured against what, and how good would be good enough.

use std::fmt;

/// One target.
pub(crate) struct Row {
    /// Its number: `P1`.
    pub(crate) target: &'static str,
    /// What is done.
    pub(crate) what: &'static str,
    /// What came out.
    pub(crate) outcome: Outcome,
}

/// What came out of a row.
pub(crate) enum Outcome {
    /// Numbers of one run.
    Measured {
        /// What ours took, or holds.
        ours: Quantity,
        /// Against whom or what.
        partner: &'static str,
        /// What the partner took, or holds.
        theirs: Quantity,
        /// The number that the bar is about.
        figure: Quantity,
        /// How much would be good enough.
        bar: Bar,
    },
    /// Nothing, and why.
    NotMeasured(String),
}

/// A number and its unit.
#[derive(Clone, Copy)]
pub(crate) struct Quantity {
    /// The number.
    pub(crate) value: f64,
    /// What it counts.
    pub(crate) unit: Unit,
}

/// What a number counts.
#[derive(Clone, Copy)]
pub(crate) enum Unit {
    Bytes,
    Nanos,
    PerSecond,
    /// As a fraction of the partner; printed in percent.
    Share,
    /// As a multiple.
    Times,
}

/// How much is good enough, in the unit of the figure.
#[derive(Clone, Copy)]
pub(crate) enum Bar {
    AtLeast(f64),
    AtMost(f64),
    /// The target's own partner is not there; the figure stands alone.
    Open,
}

impl Row {
    /// A row without numbers.
    pub(crate) fn missing(target: &'static str, what: &'static str, why: &'static str) -> Self {
        Self { target, what, outcome: Outcome::NotMeasured(why.to_owned()) }
    }

    /// A row whose peer is not to be had on this machine.
    pub(crate) fn failed(target: &'static str, what: &'static str, why: &dyn fmt::Display) -> Self {
        Self { target, what, outcome: Outcome::NotMeasured(why.to_string()) }
    }
}

impl Bar {
    /// Whether a figure passes; nothing to say without a bar.
    pub(crate) fn is_met(self, value: f64) -> Option<bool> {
        match self {
            Self::AtLeast(bar) => Some(value >= bar),
            Self::AtMost(bar) => Some(value <= bar),
            Self::Open => None,
        }
    }
}

impl Unit {
    pub(crate) fn of(self, value: f64) -> Quantity {
        Quantity { value, unit: self }
    }

    /// The name in the JSON form.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Nanos => "ns",
            Self::PerSecond => "per_second",
            Self::Share => "share",
            Self::Times => "times",
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { value, unit } = *self;
        match unit {
            Unit::Bytes => write!(f, "{value:.0} B"),
            Unit::Nanos if value.abs() < 1e3 => write!(f, "{value:.0} ns"),
            Unit::Nanos if value.abs() < 1e6 => write!(f, "{:.2} µs", value / 1e3),
            Unit::Nanos => write!(f, "{:.2} ms", value / 1e6),
            Unit::PerSecond => write!(f, "{value:.0}/s"),
            Unit::Share => write!(f, "{:.0} %", value * 100.0),
            Unit::Times => write!(f, "{value:.2} ×"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(quantity: Quantity, expected: &str) {
        assert_eq!(quantity.to_string(), expected);
    }

    #[test]
    fn times_are_printed_in_the_unit_that_fits() {
        check(Unit::Nanos.of(105.4), "105 ns");
        check(Unit::Nanos.of(17_530.0), "17.53 µs");
        check(Unit::Nanos.of(2_000_000.0), "2.00 ms");
    }

    #[test]
    fn shares_are_percent() {
        check(Unit::Share.of(0.984), "98 %");
    }

    #[test]
    fn a_bar_may_bound_from_either_side() {
        assert_eq!(Bar::AtLeast(2.0).is_met(1.9), Some(false));
        assert_eq!(Bar::AtMost(2.0).is_met(1.9), Some(true));
        assert_eq!(Bar::Open.is_met(1.9), None);
    }
}
