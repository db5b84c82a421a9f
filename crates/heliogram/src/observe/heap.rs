//! The process as its allocator sees it: what of its memory is in use, and what is only kept.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::allocator;

/// Asks the allocator whenever somebody asks.
#[derive(Debug)]
pub(crate) struct Heap;

impl Collector for Heap {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Some(allocator::Heap { allocated, active, resident }) = allocator::heap() else {
            return Ok(());
        };
        let help = "Bytes of the allocator";
        let kind = MetricType::Gauge;
        let mut family = encoder.encode_descriptor("heliogram_heap_bytes", help, None, kind)?;
        for (of, bytes) in [("allocated", allocated), ("active", active), ("resident", resident)] {
            let gauge = ConstGauge::new(i64::try_from(bytes).unwrap_or(i64::MAX));
            gauge.encode(family.encode_family(&[("of", of)])?)?;
        }
        Ok(())
    }
}
