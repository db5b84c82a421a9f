//! A scan of what an engine holds with unsaved writes laid over it.

use std::cmp::Ordering;
use std::iter::Peekable;

use bytes::Bytes;

use crate::engine::{Order, Row, Scan, View, Writes};
use crate::{ByteRange, StoreError};

type Written<'a> = (&'a Bytes, &'a Option<Bytes>);

/// Both sources in step: of two rows with one key the written one wins, and deleted ones vanish.
struct Overlay<'a> {
    base: Peekable<Scan<'a>>,
    top: Peekable<Box<dyn Iterator<Item = Written<'a>> + 'a>>,
    order: Order,
}

/// The rows of `range` as they will be once `writes` are committed over `base`.
pub(crate) fn scan<'a>(
    base: &'a dyn View,
    writes: &'a Writes,
    range: &ByteRange,
    order: Order,
) -> Scan<'a> {
    let written = writes.range(range);
    let top: Box<dyn Iterator<Item = Written<'a>>> = match order {
        Order::Ascending => Box::new(written),
        Order::Descending => Box::new(written.rev()),
    };
    Box::new(Overlay { base: base.scan(range, order).peekable(), top: top.peekable(), order })
}

impl Overlay<'_> {
    /// Whether the base's next row comes before, with or after the next written one.
    fn compare(&mut self) -> Ordering {
        let Some((written, _)) = self.top.peek() else { return Ordering::Less };
        match self.base.peek() {
            None => Ordering::Greater,
            // An error ends the scan wherever it stands.
            Some(Err(_)) => Ordering::Less,
            Some(Ok((stored, _))) => match self.order {
                Order::Ascending => stored.cmp(written),
                Order::Descending => (*written).cmp(stored),
            },
        }
    }
}

impl Iterator for Overlay<'_> {
    type Item = Result<Row, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.compare() {
                Ordering::Less => return self.base.next(),
                Ordering::Equal => drop(self.base.next()),
                Ordering::Greater => {}
            }
            let (key, value) = self.top.next()?;
            if let Some(value) = value {
                return Some(Ok((key.clone(), value.clone())));
            }
        }
    }
}
