//! The rows for people and for machines.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::machine;
use crate::rounds::ROUNDS;
use crate::row::{Bar, Outcome, Row};

/// A table in columns, one line for each row.
pub(crate) fn text(rows: &[Row]) -> String {
    let heads = ["", "what", "ours", "against", "theirs", "figure", "bar", ""];
    let mut lines = vec![heads.map(str::to_owned)];
    lines.extend(rows.iter().filter_map(cells));
    let widths: [usize; 8] = std::array::from_fn(|column| {
        lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0)
    });
    let mut out = format!("{}; medians of {ROUNDS} rounds\n\n", machine::describe());
    for line in &lines {
        let padded: Vec<String> =
            line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        out.push_str(padded.join("  ").trim_end());
        out.push('\n');
    }
    out.push_str("\nnot measured\n");
    for row in rows {
        if let Outcome::NotMeasured(why) = &row.outcome {
            writeln!(out, "{:4} {}: {why}", row.target, row.what).expect("a string takes all");
        }
    }
    out
}

fn cells(row: &Row) -> Option<[String; 8]> {
    let Outcome::Measured { ours, partner, theirs, figure, bar } = &row.outcome else {
        return None;
    };
    let (bar_text, verdict) = match *bar {
        Bar::AtLeast(least) => (format!("≥ {}", figure.unit.of(least)), "met"),
        Bar::AtMost(most) => (format!("≤ {}", figure.unit.of(most)), "met"),
        Bar::Open => (String::new(), ""),
    };
    let verdict = if bar.is_met(figure.value) == Some(false) { "missed" } else { verdict };
    Some([
        row.target.to_owned(),
        row.what.to_owned(),
        ours.to_string(),
        (*partner).to_owned(),
        theirs.to_string(),
        figure.to_string(),
        bar_text,
        verdict.to_owned(),
    ])
}

/// One object: the machine, and the rows with bare numbers and the names of their units.
pub(crate) fn json(rows: &[Row]) -> Value {
    let rows: Vec<Value> = rows.iter().map(row_json).collect();
    json!({ "machine": machine::describe(), "rounds": ROUNDS, "rows": rows })
}

fn row_json(row: &Row) -> Value {
    match &row.outcome {
        Outcome::NotMeasured(why) => {
            json!({ "target": row.target, "what": row.what, "not_measured": why })
        }
        Outcome::Measured { ours, partner, theirs, figure, bar } => {
            let (at_least, at_most) = match *bar {
                Bar::AtLeast(least) => (Some(least), None),
                Bar::AtMost(most) => (None, Some(most)),
                Bar::Open => (None, None),
            };
            let quantity =
                |q: &crate::row::Quantity| json!({ "value": q.value, "unit": q.unit.name() });
            json!({
                "target": row.target,
                "what": row.what,
                "ours": quantity(ours),
                "partner": partner,
                "theirs": quantity(theirs),
                "figure": quantity(figure),
                "at_least": at_least,
                "at_most": at_most,
                "met": bar.is_met(figure.value),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Unit;

    fn sample() -> Vec<Row> {
        let outcome = Outcome::Measured {
            ours: Unit::Nanos.of(100.0),
            partner: "peer",
            theirs: Unit::Nanos.of(150.0),
            figure: Unit::Times.of(1.5),
            bar: Bar::AtLeast(2.0),
        };
        vec![Row { target: "P0", what: "nothing", outcome }, Row::missing("P9", "more", "no peer")]
    }

    #[test]
    fn a_missed_bar_says_so() {
        let text = text(&sample());
        let line = text.lines().find(|line| line.starts_with("P0")).unwrap();
        assert_eq!(line, "P0  nothing  100 ns  peer     150 ns  1.50 ×  ≥ 2.00 ×  missed");
    }

    #[test]
    fn what_was_not_measured_is_listed_with_its_reason() {
        assert!(text(&sample()).ends_with("not measured\nP9   more: no peer\n"));
        assert_eq!(json(&sample())["rows"][1]["not_measured"], "no peer");
    }
}
