//! The hot tables by their ids, and what a key or a range means to them.

use super::table::{HotTable, Kept};
use crate::ByteRange;

/// Which tables are hot.
#[derive(Debug)]
pub(super) struct Plan {
    /// By table id.
    tables: Vec<Option<Kept>>,
}

/// The entry that a row belongs to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Home<'a> {
    /// An entry of its own, under its key.
    Row,
    /// One with its neighbours, under what they share.
    Newest(&'a [u8]),
}

impl Plan {
    pub(super) fn new(hot: &[HotTable]) -> Self {
        let mut tables = Vec::new();
        for table in hot {
            let at = usize::from(table.id);
            if tables.len() <= at {
                tables.resize(at + 1, None);
            }
            tables[at] = Some(table.kept);
        }
        Self { tables }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// Where a row is kept, if it is.
    pub(super) fn home<'a>(&self, key: &'a [u8]) -> Option<Home<'a>> {
        match self.kept(key)? {
            Kept::Rows => Some(Home::Row),
            Kept::Newest { lead_bytes } => key.get(..lead_bytes).map(Home::Newest),
        }
    }

    /// What all rows of a range share, if they are kept together.
    pub(super) fn lead<'a>(&self, range: &'a ByteRange) -> Option<&'a [u8]> {
        let Kept::Newest { lead_bytes } = self.kept(&range.start)? else { return None };
        let lead = range.start.get(..lead_bytes)?;
        let end = range.end.as_deref()?;
        let stays = end.starts_with(lead) || is_next(lead, end);
        stays.then_some(lead)
    }

    fn kept(&self, key: &[u8]) -> Option<Kept> {
        let id = u16::from_be_bytes(*key.first_chunk()?);
        *self.tables.get(usize::from(id))?
    }
}

/// Whether `end` is the first key behind everything that begins with `lead`.
pub(super) fn is_next(lead: &[u8], end: &[u8]) -> bool {
    ByteRange::prefix(lead.to_vec()).end.is_some_and(|next| next == end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        let tables = [
            HotTable { id: 16, kept: Kept::Rows },
            HotTable { id: 18, kept: Kept::Newest { lead_bytes: 3 } },
        ];
        Plan::new(&tables)
    }

    #[test]
    fn a_row_is_kept_as_its_table_is_asked_for() {
        let plan = plan();
        assert_eq!(plan.home(&[0, 16, 1, 2]), Some(Home::Row));
        assert_eq!(plan.home(&[0, 18, 1, 2]), Some(Home::Newest(&[0, 18, 1])));
        assert_eq!(plan.home(&[0, 18]), None, "too short to be a row");
        assert_eq!(plan.home(&[0, 17, 1]), None);
        assert_eq!(plan.home(&[9, 18, 1]), None);
        assert_eq!(plan.home(&[0]), None);
    }

    #[track_caller]
    fn check(start: &[u8], end: Option<&[u8]>, lead: Option<&[u8]>) {
        let range = ByteRange { start: start.to_vec(), end: end.map(<[u8]>::to_vec) };
        assert_eq!(plan().lead(&range), lead);
    }

    #[test]
    fn a_range_is_kept_if_all_of_it_shares_the_lead() {
        let lead: &[u8] = &[0, 18, 1];
        check(&[0, 18, 1], Some(&[0, 18, 2]), Some(lead));
        check(&[0, 18, 1, 5], Some(&[0, 18, 1, 9]), Some(lead));
        check(&[0, 18, 1, 5], Some(&[0, 18, 2, 0]), None);
        check(&[0, 18, 1, 5], Some(&[0, 18, 3]), None);
        check(&[0, 18, 1, 5], None, None);
        check(&[0, 18], Some(&[0, 19]), None);
        check(&[0, 16, 1], Some(&[0, 16, 2]), None);
    }
}
