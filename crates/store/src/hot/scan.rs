//! A scan of rows that are kept together: from the newest that are here down to those that are not.

use std::collections::VecDeque;

use bytes::Bytes;

use super::HotView;
use super::newest::{ROWS_MAX, Reach};
use super::plan::is_next;
use crate::engine::{Order, Row, Scan};
use crate::{ByteRange, StoreError};

/// Reads in growing chunks, so that no lock is held between two rows.
pub(super) struct HotScan<'a> {
    view: &'a HotView,
    lead: Bytes,
    rest: ByteRange,
    order: Order,
    chunk: VecDeque<Row>,
    chunk_rows: usize,
    phase: Phase<'a>,
}

enum Phase<'a> {
    /// Reads what is kept.
    Here,
    /// Reads the engine.
    There(Scan<'a>, Option<Gleaning>),
    Over,
}

/// What was read of the engine and will be kept, once it is known how far that went.
struct Gleaning {
    beginning: Beginning,
    rows: Vec<Row>,
}

/// Where the rows that were read begin.
#[derive(Debug, Eq, PartialEq)]
enum Beginning {
    /// Below the last row that is kept.
    Floor(Vec<u8>),
    /// At the end of the lead, downwards.
    Top,
    /// Somewhere, upwards to the end of the lead.
    Start,
}

const CHUNK_ROWS_MIN: usize = 8;

impl<'a> HotScan<'a> {
    pub(super) fn new(view: &'a HotView, lead: &[u8], range: &ByteRange, order: Order) -> Self {
        Self {
            view,
            lead: Bytes::copy_from_slice(lead),
            rest: range.clone(),
            order,
            chunk: VecDeque::new(),
            chunk_rows: CHUNK_ROWS_MIN,
            phase: Phase::Here,
        }
    }

    fn read_here(&mut self) {
        let Self { view, lead, rest, order, chunk, chunk_rows, .. } = self;
        let read = view.hot().newest(view.seq(), lead, |newest| {
            let reach = newest.read(rest, *order, *chunk_rows, chunk);
            let is_at_floor = rest.end.as_deref() == Some(newest.floor());
            (reach, is_at_floor)
        });
        match read {
            Some((Reach::More, _)) => self.chunk_rows = (self.chunk_rows * 4).min(ROWS_MAX),
            Some((Reach::End, _)) => self.phase = Phase::Over,
            Some((Reach::Floor, true)) => {
                let floor = self.rest.end.clone().unwrap_or_default();
                self.go_there(Some(Beginning::Floor(floor)));
            }
            Some((Reach::Floor, false)) => self.go_there(None),
            Some((Reach::NotHere, _)) | None => {
                let is_to_end = self.rest.end.as_ref().is_some_and(|end| is_next(&self.lead, end));
                let beginning = match self.order {
                    Order::Ascending => Beginning::Start,
                    Order::Descending => Beginning::Top,
                };
                self.go_there(is_to_end.then_some(beginning));
            }
        }
    }

    fn go_there(&mut self, beginning: Option<Beginning>) {
        let rows = self.view.engine().scan(&self.rest, self.order);
        let gleaning = beginning.map(|beginning| Gleaning { beginning, rows: Vec::new() });
        self.phase = Phase::There(rows, gleaning);
    }

    /// The engine has no more.
    fn end(&mut self) {
        if let Phase::There(_, Some(gleaning)) = std::mem::replace(&mut self.phase, Phase::Over) {
            self.keep(gleaning, true);
        }
    }

    fn keep(&self, gleaning: Gleaning, is_all: bool) {
        let (hot, seq, lead) = (self.view.hot(), self.view.seq(), &self.lead);
        let Gleaning { beginning, rows } = gleaning;
        // Nothing is known of what lies below the last row that was read.
        let start = is_all.then_some(Bytes::copy_from_slice(&self.rest.start));
        let floor = start.or_else(|| rows.last().map(|(key, _)| key.clone()));
        let Some(floor) = floor else { return };
        match beginning {
            Beginning::Floor(from) => hot.extend_newest(seq, lead, &from, rows, &floor),
            Beginning::Top => hot.keep_newest(seq, lead, &floor, rows.into_iter().rev()),
            Beginning::Start if is_all => hot.keep_newest(seq, lead, &floor, rows),
            Beginning::Start => {}
        }
    }
}

impl Gleaning {
    /// Takes a row along; false once there are too many.
    fn take(&mut self, row: &Row) -> bool {
        let has_room = self.rows.len() < ROWS_MAX;
        if has_room {
            self.rows.push(row.clone());
        }
        has_room
    }
}

impl Iterator for HotScan<'_> {
    type Item = Result<Row, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.chunk.pop_front() {
                return Some(Ok(row));
            }
            match &mut self.phase {
                Phase::Here => self.read_here(),
                Phase::There(rows, _) => {
                    let row = rows.next();
                    self.note(row.as_ref());
                    return row;
                }
                Phase::Over => return None,
            }
        }
    }
}

impl HotScan<'_> {
    /// Takes note of what the engine said.
    fn note(&mut self, row: Option<&Result<Row, StoreError>>) {
        let Phase::There(_, gleaning) = &mut self.phase else { return };
        match (row, gleaning.as_mut()) {
            (None, _) => self.end(),
            (Some(Err(_)), _) => *gleaning = None,
            (Some(Ok(row)), Some(gleaned)) => {
                if !gleaned.take(row) {
                    self.settle();
                }
            }
            (Some(Ok(_)), None) => {}
        }
    }

    /// Keeps what was gleaned so far, and gleans no more.
    fn settle(&mut self) {
        if let Phase::There(_, gleaning) = &mut self.phase
            && let Some(gleaning) = gleaning.take()
        {
            self.keep(gleaning, false);
        }
    }
}

impl Drop for HotScan<'_> {
    fn drop(&mut self) {
        self.settle();
    }
}
