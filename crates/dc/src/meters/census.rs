//! What is counted when somebody asks: who is there, what waits, what is kept.

use std::fmt;
use std::sync::{Arc, Weak};

use heliogram_store::engine::{BlockReads, Memory};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::gateway::Gateway;

/// Counts what a gateway has; nothing once it is gone.
pub(crate) struct Census(Weak<Gateway>);

impl Census {
    pub(crate) fn of(gateway: &Arc<Gateway>) -> Self {
        Self(Arc::downgrade(gateway))
    }
}

impl fmt::Debug for Census {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Census")
    }
}

impl Collector for Census {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Some(gateway) = self.0.upgrade() else { return Ok(()) };
        let mut page = Page(&mut encoder);
        page.people(&gateway)?;
        page.queues(&gateway)?;
        page.disk(&gateway)
    }
}

/// Where it is written.
struct Page<'a, 'e>(&'a mut DescriptorEncoder<'e>);

impl Page<'_, '_> {
    fn people(&mut self, gateway: &Gateway) -> fmt::Result {
        let sessions = gateway.sessions.len();
        self.gauge("heliogram_sessions", "Sessions that are live or may come back", sessions)?;
        let listening = gateway.online.len();
        self.gauge("heliogram_sessions_listening", "Sessions that are told of updates", listening)?;
        let (permanent, temporary) = gateway.keys.len();
        let help = "Authorization keys in memory: permanent ones in use, and all temporary ones";
        let mut family =
            self.0.encode_descriptor("heliogram_auth_keys", help, None, MetricType::Gauge)?;
        for (kind, count) in [("permanent", permanent), ("temporary", temporary)] {
            ConstGauge::new(count as i64).encode(family.encode_family(&[("kind", kind)])?)?;
        }
        Ok(())
    }

    fn queues(&mut self, gateway: &Gateway) -> fmt::Result {
        let waiting = gateway.store.queue_len();
        self.gauge("heliogram_writer_queue_length", "Transactions that wait to be run", waiting)?;
        let (waiting, age) = gateway.fanout.backlog();
        self.gauge("heliogram_push_queue_length", "Commits that wait to be told", waiting)?;
        let help = "Age of the oldest commit that is not told to all who are to hear of it";
        let age = ConstGauge::new(age.as_secs_f64());
        let name = "heliogram_push_backlog_seconds";
        age.encode(self.0.encode_descriptor(name, help, None, age.metric_type())?)
    }

    fn disk(&mut self, gateway: &Gateway) -> fmt::Result {
        let usage = gateway.store.usage();
        if let Some(bytes) = usage.disk_bytes {
            self.gauge("heliogram_store_disk_bytes", "Bytes of the store's files", bytes as usize)?;
        }
        if let Some(BlockReads { cache, disk }) = usage.block_reads {
            let name = "heliogram_store_block_reads";
            let help = "Blocks that the engine read, by where it found them";
            let mut family = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
            for (from, count) in [("cache", cache), ("disk", disk)] {
                ConstCounter::new(count).encode(family.encode_family(&[("from", from)])?)?;
            }
        }
        if let Some(Memory { blocks, unflushed, hot }) = usage.memory {
            let help = "Bytes that the store keeps in memory";
            let mut family = self.0.encode_descriptor(
                "heliogram_store_memory_bytes",
                help,
                None,
                MetricType::Gauge,
            )?;
            for (of, bytes) in [("blocks", blocks), ("unflushed", unflushed), ("hot", hot)] {
                ConstGauge::new(bytes as i64).encode(family.encode_family(&[("of", of)])?)?;
            }
        }
        let Ok(usage) = gateway.world.blobs.usage() else { return Ok(()) };
        self.gauge("heliogram_blobs", "Files that are kept", usage.count as usize)?;
        self.gauge(
            "heliogram_blobs_bytes",
            "Bytes of the files that are kept",
            usage.bytes as usize,
        )
    }

    fn gauge(&mut self, name: &str, help: &str, value: usize) -> fmt::Result {
        let value = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
        value.encode(self.0.encode_descriptor(name, help, None, value.metric_type())?)
    }
}
