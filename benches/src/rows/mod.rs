//! The targets, each group in its file; `cloud` and `wire` are the server and the client
//! that several of them need, `sends` what they write, `upload` what they download.

mod absent;
mod bot_api;
mod cloud;
mod download;
mod idle;
mod ige;
mod letter;
mod one_download;
mod page;
mod postgres;
mod rpc;
mod seal;
mod sending;
mod sends;
mod store;
mod strangers_download;
mod strangers_ige;
mod streams;
mod tdlib;
mod tdlib_ige;
mod upload;
mod wire;

use crate::Trouble;
use crate::row::Row;
use crate::selection::Selection;

/// What is measured together, because it needs the same things.
struct Group {
    targets: &'static [&'static str],
    rows: fn() -> Result<Vec<Row>, Trouble>,
}

const GROUPS: &[Group] = &[
    Group { targets: &["P1", "P2"], rows: ige::rows },
    Group { targets: &["P2", "P7"], rows: strangers_ige::rows },
    Group { targets: &["P7"], rows: streams::rows },
    Group { targets: &["P2"], rows: tdlib_ige::rows },
    Group { targets: &["P3", "P4", "P5", "P6"], rows: seal::rows },
    Group { targets: &["P8"], rows: page::rows },
    Group { targets: &["P9", "P10"], rows: rpc::rows },
    Group { targets: &["P11"], rows: sending::rows },
    Group { targets: &["P12", "P13"], rows: store::rows },
    Group { targets: &["P14"], rows: store::history_rows },
    Group { targets: &["P17"], rows: idle::rows },
    Group { targets: &["P15"], rows: one_download::rows },
    Group { targets: &["P16"], rows: download::rows },
    Group { targets: &["P18"], rows: bot_api::rows },
    Group { targets: &["P20"], rows: strangers_download::rows },
    Group { targets: absent::TARGETS, rows: absent::rows },
];

/// The wanted targets by their numbers; what cannot be measured has its reason in its row.
///
/// # Errors
/// If there is no such target, or if two contestants do not make the same of the same bytes.
pub(crate) fn measure(only: &Selection) -> Result<Vec<Row>, Trouble> {
    let known: Vec<&str> = GROUPS.iter().flat_map(|group| group.targets).copied().collect();
    if let Some(stranger) = only.stranger(&known) {
        return Err(format!("there is no target {stranger}").into());
    }
    let mut rows = Vec::new();
    for group in GROUPS {
        if group.targets.iter().any(|target| only.has(target)) {
            rows.extend((group.rows)()?.into_iter().filter(|row| only.has(row.target)));
        }
    }
    rows.sort_by_key(|row| number(row.target));
    Ok(rows)
}

fn number(target: &str) -> u32 {
    target.trim_start_matches('P').parse().unwrap_or(u32::MAX)
}
