//! The targets, each group in its file; `wire` is the client that two of them need.

mod absent;
mod download;
mod idle;
mod ige;
mod page;
mod rpc;
mod seal;
mod store;
mod streams;
mod wire;

use crate::Trouble;
use crate::row::Row;

/// Every target by its number: first what can be measured today, then what cannot.
pub(crate) fn all() -> Result<Vec<Row>, Trouble> {
    let mut rows = ige::rows()?;
    rows.extend(seal::rows()?);
    rows.extend(streams::rows()?);
    rows.extend(page::rows()?);
    rows.extend(rpc::rows()?);
    rows.extend(store::rows()?);
    rows.extend(idle::rows()?);
    rows.extend(download::rows()?);
    rows.extend(absent::rows());
    Ok(rows)
}
