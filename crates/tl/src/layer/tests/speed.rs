//! How long a page of messages takes, for those who ask.

use super::sample::Sampler;
use crate::layer::downgrade_object;
use crate::layer::table::Layer;

/// Run with `--ignored --nocapture --release`.
#[test]
#[ignore = "measures, proves nothing"]
#[allow(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn a_page_of_messages() {
    let mut sampler = Sampler::new(Layer::NEWEST, 8);
    let message = Layer::NEWEST.constructor("message").unwrap();
    let page: Vec<Vec<u8>> = (0..100).map(|_| sampler.of(message)).collect();
    let bytes: usize = page.iter().map(Vec::len).sum();
    for layer in [152, 158, 198, 229] {
        let start = std::time::Instant::now();
        for _ in 0..100 {
            for message in &page {
                let _ = std::hint::black_box(downgrade_object(layer, message));
            }
        }
        eprintln!("{layer}: {bytes} bytes in {:?}", start.elapsed() / 100);
    }
}
