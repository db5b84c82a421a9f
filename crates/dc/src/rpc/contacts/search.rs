//! `contacts.search`.

use std::collections::BTreeSet;

use heliogram_ids::{Peer, UserId};
use heliogram_store::{Prefix, Read as _};
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Reading;
use crate::domain::{contacts, users};
use crate::error::{Rpc, RpcError};
use crate::record::UserRow;
use crate::render::{self, Peers};
use crate::tables::{Dialogs, Usernames};

/// `contacts.search`: people and bots by name or username: first those that the caller knows, then
/// whoever has a username that begins so.
///
/// # Errors
/// `SEARCH_QUERY_EMPTY`.
pub(super) fn search(cx: &mut Reading<'_>, req: tl::contacts::Search) -> Rpc<tl::contacts::Found> {
    let query = req.q.trim().trim_start_matches('@').to_lowercase();
    if query.is_empty() {
        return Err(RpcError::SEARCH_QUERY_EMPTY);
    }
    let max = cx.world.limits().search_results_max;
    let limit = usize::try_from(req.limit).ok().filter(|limit| *limit > 0).unwrap_or(max).min(max);
    let mine = known(cx, &query, limit, req.bots)?;
    let others = strangers(cx, &query, limit, &mine, req.bots)?;

    let mut peers = Peers::default();
    let mut list = |ids: Vec<UserId>| -> Vec<tl::Peer> {
        ids.into_iter()
            .map(|id| {
                peers.mention_user(id);
                render::peer(id.into())
            })
            .collect()
    };
    let (my_results, results) = (list(mine), list(others));
    let (users, chats) = peers.render(cx.mine())?;
    Ok(types::contacts::Found { my_results, results, chats, users }.into())
}

/// Contacts and dialog partners one of whose names begins with the query.
fn known(cx: &Reading<'_>, query: &str, limit: usize, only_bots: bool) -> Rpc<Vec<UserId>> {
    let mut candidates: BTreeSet<_> =
        contacts::all(cx.db, cx.me)?.into_iter().map(|(person, _)| person).collect();
    for row in cx.db.range::<Dialogs>(Prefix(cx.me)).take(cx.world.limits().acquaintances_max) {
        let ((_, peer), _) = row?;
        candidates.extend(peer.user());
    }
    let mut found = Vec::new();
    for id in candidates {
        let Some(row) = users::find(cx.db, id)? else { continue };
        let saved = contacts::saved(cx.db, cx.me, id)?;
        let saved = saved.map(|saved| format!("{} {}", saved.first_name, saved.last_name));
        if fits(&row, saved.as_deref(), query) && (row.is_bot() || !only_bots) {
            found.push(id);
        }
        if found.len() == limit {
            break;
        }
    }
    Ok(found)
}

fn strangers(
    cx: &Reading<'_>,
    query: &str,
    limit: usize,
    known: &[UserId],
    only_bots: bool,
) -> Rpc<Vec<UserId>> {
    let mut found = Vec::new();
    if query.len() < GLOBAL_QUERY_BYTES_MIN {
        return Ok(found);
    }
    for row in cx.db.range::<Usernames>(query.to_owned()..).take(limit + known.len()) {
        let (username, peer) = row?;
        if !username.starts_with(query) {
            break;
        }
        let Peer::User(id) = peer else { continue };
        let Some(row) = users::find(cx.db, id)? else { continue };
        if id != cx.me && !known.contains(&id) && (row.is_bot() || !only_bots) {
            found.push(id);
        }
    }
    found.truncate(limit);
    Ok(found)
}

fn fits(row: &UserRow, saved: Option<&str>, query: &str) -> bool {
    let names = format!("{} {} {}", row.first_name, row.last_name, saved.unwrap_or_default());
    let names = names.to_lowercase();
    let username = row.username.as_deref().unwrap_or_default().to_ascii_lowercase();
    !row.deleted
        && (names.split_whitespace().any(|name| name.starts_with(query))
            || names.starts_with(query)
            || username.starts_with(query))
}

/// Shorter queries would list the whole cloud.
const GLOBAL_QUERY_BYTES_MIN: usize = 3;
