//! The newest rows of those that share a lead: all of them from a floor upwards.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::ByteRange;
use crate::engine::{Order, Row};

/// Rows that one entry keeps at most: more than any page, and half a day of a busy log.
pub(super) const ROWS_MAX: usize = 256;

/// Every row from `floor` to the end of the lead, in key order.
#[derive(Debug)]
pub(super) struct Newest {
    floor: Bytes,
    rows: VecDeque<Row>,
    bytes: usize,
}

impl Newest {
    /// Rows in key order, of which none between `floor` and the end of the lead is missing.
    pub(super) fn new(floor: &[u8], rows: impl IntoIterator<Item = Row>) -> Self {
        let rows: VecDeque<Row> = rows.into_iter().collect();
        let bytes = rows.iter().map(weight).sum();
        let mut newest = Self { floor: Bytes::copy_from_slice(floor), rows, bytes };
        newest.shorten();
        newest
    }

    /// Memory in use, about.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.floor.len() + self.bytes
    }

    /// From where on nothing is missing.
    pub(super) fn floor(&self) -> &[u8] {
        &self.floor
    }

    /// Does what a commit did to one row of the lead.
    pub(super) fn write(&mut self, key: &Bytes, value: Option<&Bytes>) {
        if key < &self.floor {
            return;
        }
        let found = match self.rows.back() {
            // Nearly always: what is new is greatest.
            Some((last, _)) if last < key => Err(self.rows.len()),
            _ => self.rows.binary_search_by(|(other, _)| other.cmp(key)),
        };
        match (found, value) {
            (Ok(at), Some(value)) => {
                let row = &mut self.rows[at];
                self.bytes = self.bytes + value.len() - row.1.len();
                row.1 = value.clone();
            }
            (Ok(at), None) => self.bytes -= self.rows.remove(at).map_or(0, |row| weight(&row)),
            (Err(at), Some(value)) => {
                let row = (key.clone(), value.clone());
                self.bytes += weight(&row);
                self.rows.insert(at, row);
                self.shorten();
            }
            (Err(_), None) => {}
        }
    }

    /// Adds rows from below the floor, the greatest first, down to a new floor.
    pub(super) fn extend_down(&mut self, rows: Vec<Row>, floor: &[u8]) {
        for row in rows {
            if self.rows.len() == ROWS_MAX {
                return;
            }
            self.bytes += weight(&row);
            self.floor = row.0.clone();
            self.rows.push_front(row);
        }
        self.floor = Bytes::copy_from_slice(floor);
    }

    /// The next rows of a range, at most `max`; the range shrinks to what comes behind them.
    pub(super) fn read(
        &self,
        rest: &mut ByteRange,
        order: Order,
        max: usize,
        out: &mut VecDeque<Row>,
    ) -> Reach {
        let below = |bound: &[u8]| self.rows.partition_point(|(key, _)| key[..] < *bound);
        let end = rest.end.as_deref().map_or(self.rows.len(), below);
        let start = below(&rest.start).min(end);
        let reach = match order {
            Order::Ascending if rest.start[..] < self.floor[..] => return Reach::NotHere,
            Order::Ascending => {
                let stop = end.min(start + max);
                out.extend(self.rows.range(start..stop).cloned());
                if stop < end { Reach::More } else { Reach::End }
            }
            Order::Descending => {
                let stop = start.max(end.saturating_sub(max));
                out.extend(self.rows.range(stop..end).rev().cloned());
                match (stop > start, rest.start[..] < self.floor[..]) {
                    (true, _) => Reach::More,
                    (false, true) => Reach::Floor,
                    (false, false) => Reach::End,
                }
            }
        };
        match (reach, out.back()) {
            (Reach::Floor, _) => self.leave_below(rest),
            (Reach::End, _) => rest.end = Some(Vec::new()),
            (_, Some((last, _))) if order == Order::Ascending => {
                rest.start = [last, &[0][..]].concat();
            }
            (_, Some((last, _))) => rest.end = Some(last.to_vec()),
            (_, None) => {}
        }
        reach
    }

    /// Leaves of a range what lies below the floor.
    fn leave_below(&self, rest: &mut ByteRange) {
        if rest.end.as_ref().is_none_or(|end| end[..] > self.floor[..]) {
            rest.end = Some(self.floor.to_vec());
        }
    }

    fn shorten(&mut self) {
        while self.rows.len() > ROWS_MAX {
            let Some(oldest) = self.rows.pop_front() else { return };
            self.bytes -= weight(&oldest);
            if let Some((next, _)) = self.rows.front() {
                self.floor = next.clone();
            }
        }
    }
}

/// How far a reading has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Reach {
    /// There is more of the range here.
    More,
    /// That was all of the range.
    End,
    /// That was all that is here; what is left of the range lies below.
    Floor,
    /// The range begins below.
    NotHere,
}

fn weight((key, value): &Row) -> usize {
    key.len() + value.len() + ROW_BYTES
}

/// Two handles with half as much again for places that are free, a count of handles behind each, and
/// what allocations are rounded up by.
const ROW_BYTES: usize = 3 * size_of::<Bytes>() + 2 * 32 + 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: u16) -> Row {
        (Bytes::copy_from_slice(&key.to_be_bytes()), Bytes::from_static(b"value"))
    }

    fn newest(floor: u16, keys: impl IntoIterator<Item = u16>) -> Newest {
        Newest::new(&floor.to_be_bytes(), keys.into_iter().map(row))
    }

    fn keys(newest: &Newest) -> Vec<u16> {
        let key = |(key, _): &Row| u16::from_be_bytes(key[..].try_into().unwrap());
        newest.rows.iter().map(key).collect()
    }

    #[track_caller]
    fn check(
        newest: &Newest,
        range: std::ops::Range<u16>,
        order: Order,
        found: &[u16],
        reach: Reach,
    ) {
        let mut rest = ByteRange {
            start: range.start.to_be_bytes().to_vec(),
            end: Some(range.end.to_be_bytes().to_vec()),
        };
        let mut out = VecDeque::new();
        let mut last = newest.read(&mut rest, order, 2, &mut out);
        while last == Reach::More {
            last = newest.read(&mut rest, order, 2, &mut out);
        }
        let out: Vec<u16> =
            out.iter().map(|(key, _)| u16::from_be_bytes(key[..].try_into().unwrap())).collect();
        assert_eq!((&out[..], last), (found, reach));
    }

    #[test]
    fn what_lies_above_the_floor_is_read_here() {
        let newest = newest(10, [10, 12, 14, 16]);
        check(&newest, 11..15, Order::Ascending, &[12, 14], Reach::End);
        check(&newest, 11..15, Order::Descending, &[14, 12], Reach::End);
        check(&newest, 10..99, Order::Descending, &[16, 14, 12, 10], Reach::End);
        check(&newest, 20..99, Order::Ascending, &[], Reach::End);
    }

    #[test]
    fn what_lies_below_is_not() {
        let newest = newest(10, [12, 14]);
        check(&newest, 3..99, Order::Ascending, &[], Reach::NotHere);
        check(&newest, 3..99, Order::Descending, &[14, 12], Reach::Floor);
        check(&newest, 3..9, Order::Descending, &[], Reach::Floor);
    }

    #[test]
    fn writes_above_the_floor_are_followed() {
        let mut newest = newest(10, [12, 14]);
        let write = |newest: &mut Newest, key: u16, value: Option<&Bytes>| {
            newest.write(&Bytes::copy_from_slice(&key.to_be_bytes()), value);
        };
        let value = Bytes::from_static(b"other");
        write(&mut newest, 16, Some(&value));
        write(&mut newest, 13, Some(&value));
        write(&mut newest, 9, Some(&value));
        write(&mut newest, 12, None);
        write(&mut newest, 11, None);
        assert_eq!(keys(&newest), [13, 14, 16]);
        let weighed: usize = newest.rows.iter().map(weight).sum();
        assert_eq!(newest.bytes, weighed);
    }

    #[test]
    fn the_oldest_go_and_the_floor_rises() {
        let all = 0..ROWS_MAX as u16 + 3;
        let newest = newest(0, all);
        assert_eq!(newest.rows.len(), ROWS_MAX);
        assert_eq!(newest.floor(), 3_u16.to_be_bytes());
    }

    #[test]
    fn it_grows_downwards_as_far_as_there_is_room() {
        let mut small = newest(10, [10, 12]);
        small.extend_down(vec![row(8), row(6)], &5_u16.to_be_bytes());
        assert_eq!((keys(&small), small.floor()), (vec![6, 8, 10, 12], &5_u16.to_be_bytes()[..]));

        let top = 1000..1000 + ROWS_MAX as u16 - 1;
        let mut full = newest(1000, top);
        full.extend_down(vec![row(8), row(6)], &5_u16.to_be_bytes());
        assert_eq!((keys(&full)[0], full.floor()), (8, &8_u16.to_be_bytes()[..]));
    }
}
