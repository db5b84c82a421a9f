//! The text format of Prometheus, read strictly, and without the library that wrote it.
//!
//! Spec: prometheus.io/docs/instrumenting/exposition_formats.

use std::collections::{BTreeMap, BTreeSet};

/// All samples of a page.
pub(crate) struct Exposition {
    samples: BTreeMap<String, f64>,
}

/// What a page says about a family before its samples.
#[derive(Default)]
struct Family {
    name: String,
    kind: String,
    /// Of a histogram, for each of its label sets: bounds and counts, sum, count.
    histograms: BTreeMap<String, Histogram>,
}

#[derive(Default)]
struct Histogram {
    buckets: Vec<(f64, f64)>,
    has_sum: bool,
    count: Option<f64>,
}

impl Exposition {
    /// Reads a page; the first thing that is wrong with it, otherwise.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let (mut samples, mut seen) = (BTreeMap::new(), BTreeSet::new());
        let mut family = Family::default();
        if !text.ends_with('\n') {
            return Err("the last line has no end".to_owned());
        }
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                family.close()?;
                let (name, words) = help.split_once(' ').ok_or("a HELP without words")?;
                if !seen.insert(name.to_owned()) {
                    return Err(format!("{name} comes in two places"));
                }
                is_name(name).then_some(()).ok_or_else(|| format!("{name} is no name"))?;
                (!words.is_empty())
                    .then_some(())
                    .ok_or_else(|| format!("{name} is not explained"))?;
                family = Family { name: name.to_owned(), ..Family::default() };
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').ok_or("a TYPE without a kind")?;
                if name != family.name || !["counter", "gauge", "histogram"].contains(&kind) {
                    return Err(format!("{name} is a {kind} in the place of {}", family.name));
                }
                kind.clone_into(&mut family.kind);
            } else {
                let (series, value) =
                    line.rsplit_once(' ').ok_or_else(|| format!("{line} is no sample"))?;
                let value: f64 = value.parse().map_err(|_| format!("{line}: no number"))?;
                family.take(series, value)?;
                if samples.insert(series.to_owned(), value).is_some() {
                    return Err(format!("{series} comes twice"));
                }
            }
        }
        family.close()?;
        Ok(Self { samples })
    }

    /// The value of a sample, by its name and labels as they are written.
    pub(crate) fn value(&self, series: &str) -> Option<f64> {
        self.samples.get(series).copied()
    }

    /// How many samples there are.
    pub(crate) fn len(&self) -> usize {
        self.samples.len()
    }
}

impl Family {
    /// A sample of this family.
    fn take(&mut self, series: &str, value: f64) -> Result<(), String> {
        let (name, labels) = match series.split_once('{') {
            Some((name, labels)) => (name, labels.strip_suffix('}').ok_or("open braces")?),
            None => (series, ""),
        };
        let labels = read_labels(labels).ok_or_else(|| format!("{series}: bad labels"))?;
        if value < 0.0 || value.is_nan() {
            return Err(format!("{series} is {value}"));
        }
        let part =
            name.strip_prefix(&self.name).ok_or_else(|| format!("{series} in {}", self.name))?;
        match (self.kind.as_str(), part) {
            ("counter", "") if name.ends_with("_total") => Ok(()),
            ("gauge", "") if !name.ends_with("_total") => Ok(()),
            ("histogram", part) => self.take_part(part, labels, value),
            _ => Err(format!("{series} is no {} named {}", self.kind, self.name)),
        }
    }

    fn take_part(
        &mut self,
        part: &str,
        mut labels: BTreeMap<String, String>,
        value: f64,
    ) -> Result<(), String> {
        let bound = labels.remove("le");
        let histogram = self.histograms.entry(format!("{labels:?}")).or_default();
        match (part, bound) {
            ("_bucket", Some(bound)) => {
                let bound = if bound == "+Inf" { "inf".to_owned() } else { bound };
                let bound = bound.parse().map_err(|_| format!("{bound} is no bound"))?;
                histogram.buckets.push((bound, value));
            }
            ("_sum", None) => histogram.has_sum = true,
            ("_count", None) => histogram.count = Some(value),
            _ => return Err(format!("{}{part} is no part of a histogram", self.name)),
        }
        Ok(())
    }

    /// The family has no more samples: whether its histograms are whole.
    fn close(&mut self) -> Result<(), String> {
        for (labels, histogram) in std::mem::take(&mut self.histograms) {
            let Histogram { buckets, has_sum, count } = histogram;
            let rises =
                buckets.is_sorted_by(|(bound, count), (next, more)| bound < next && count <= more);
            let last = buckets.last().filter(|(bound, _)| *bound == f64::INFINITY);
            if !rises || !has_sum || last.map(|(_, all)| *all) != count {
                return Err(format!("{} {labels} is no whole histogram", self.name));
            }
        }
        Ok(())
    }
}

/// `name="value",…`, where no value of ours needs escapes.
fn read_labels(mut text: &str) -> Option<BTreeMap<String, String>> {
    let mut labels = BTreeMap::new();
    while !text.is_empty() {
        let (name, rest) = text.split_once("=\"")?;
        let (value, rest) = rest.split_once('"')?;
        if !is_name(name) || value.contains('\\') {
            return None;
        }
        labels.insert(name.to_owned(), value.to_owned()).is_none().then_some(())?;
        text = match rest.strip_prefix(',') {
            Some(more) => more,
            None => rest.is_empty().then_some("")?,
        };
    }
    Some(labels)
}

fn is_name(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    text.bytes().next().is_some_and(is_letter)
        && text.bytes().all(|byte| is_letter(byte) || byte.is_ascii_digit())
}

#[test]
fn what_is_no_exposition_is_refused() {
    let good = "# HELP a_total A.\n# TYPE a_total counter\na_total{b=\"c\"} 1\n";
    assert_eq!(Exposition::read(good).unwrap().value("a_total{b=\"c\"}"), Some(1.0));
    for (was, is) in [
        ("} 1\n", "} 1"),
        ("} 1\n", "} one\n"),
        ("} 1\n", "} -1\n"),
        ("} 1\n", "} 1\na_total{b=\"c\"} 2\n"),
        ("counter", "gauge"),
        ("TYPE a_total", "TYPE b_total"),
        ("# HELP a_total A.\n", ""),
        ("b=\"c\"", "b=c"),
        ("b=\"c\"", "1=\"c\""),
    ] {
        let bad = good.replace(was, is);
        assert!(Exposition::read(&bad).is_err(), "{bad}");
    }
    let head = "# HELP a A.\n# TYPE a histogram\n";
    let whole = "a_sum 1\na_count 2\na_bucket{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 2\n";
    assert!(Exposition::read(&format!("{head}{whole}")).is_ok());
    for (was, is) in [("a_sum 1\n", ""), ("count 2", "count 3"), ("} 1\n", "} 5\n"), ("+Inf", "2")]
    {
        let bad = format!("{head}{}", whole.replace(was, is));
        assert!(Exposition::read(&bad).is_err(), "{bad}");
    }
}
