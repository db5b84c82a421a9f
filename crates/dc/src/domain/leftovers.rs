//! What strangers leave behind: keys on which nobody logs in, codes and tokens that ran out.
//!
//! Each is a row that somebody could have made by the thousand without ever logging in, so none may
//! stay for ever. A look goes on where the last one ended, so that no single one takes long.

use heliogram_ids::{AuthKeyId, Timestamp};
use heliogram_store::engine::View;
use heliogram_store::{Read, StoreError, Table, Txn};

use crate::limits::Limits;
use crate::record::AuthKeyRow;
use crate::tables::{AuthKeys, LoginCodes, LoginTokens, WrongCodes};

/// Where the next look begins, in each table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cursor {
    keys: Option<AuthKeyId>,
    codes: Option<(String, String)>,
    tokens: Option<AuthKeyId>,
    wrong: Option<String>,
}

/// What can go.
#[derive(Debug, Default)]
pub(crate) struct Leftovers {
    pub(crate) keys: Vec<AuthKeyId>,
    codes: Vec<(String, String)>,
    tokens: Vec<AuthKeyId>,
    wrong: Vec<String>,
}

impl Leftovers {
    /// Looks at so many rows of each table.
    ///
    /// # Errors
    /// If rows cannot be read.
    pub(crate) fn find(
        db: &dyn View,
        now: Timestamp,
        limits: &Limits,
        cursor: &mut Cursor,
        rows_max: usize,
    ) -> Result<Self, StoreError> {
        let unix = now.unix();
        Ok(Self {
            keys: look::<AuthKeys>(db, &mut cursor.keys, rows_max, |row| {
                is_abandoned(row, now, limits)
            })?,
            codes: look::<LoginCodes>(db, &mut cursor.codes, rows_max, |row| row.expires <= unix)?,
            tokens: look::<LoginTokens>(db, &mut cursor.tokens, rows_max, |row| {
                row.expires <= unix
            })?,
            wrong: look::<WrongCodes>(db, &mut cursor.wrong, rows_max, |row| row.until <= unix)?,
        })
    }

    /// Deletes what can still go; gives the keys that went.
    ///
    /// # Errors
    /// If rows cannot be written.
    pub(crate) fn delete(
        &self,
        txn: &mut Txn,
        now: Timestamp,
        limits: &Limits,
    ) -> Result<Vec<AuthKeyId>, StoreError> {
        let mut gone = Vec::new();
        for key in &self.keys {
            // Somebody may have logged in since.
            let row = txn.get::<AuthKeys>(key)?;
            if row.is_some_and(|row| is_abandoned(&row, now, limits)) {
                txn.delete::<AuthKeys>(key)?;
                gone.push(*key);
            }
        }
        let unix = now.unix();
        for key in &self.codes {
            if txn.get::<LoginCodes>(key)?.is_some_and(|row| row.expires <= unix) {
                txn.delete::<LoginCodes>(key)?;
            }
        }
        for key in &self.tokens {
            if txn.get::<LoginTokens>(key)?.is_some_and(|row| row.expires <= unix) {
                txn.delete::<LoginTokens>(key)?;
            }
        }
        for key in &self.wrong {
            if txn.get::<WrongCodes>(key)?.is_some_and(|row| row.until <= unix) {
                txn.delete::<WrongCodes>(key)?;
            }
        }
        Ok(gone)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
            && self.codes.is_empty()
            && self.tokens.is_empty()
            && self.wrong.is_empty()
    }
}

/// Whether nobody is logged in on a key, or about to be, and its client has not come for long.
fn is_abandoned(row: &AuthKeyRow, now: Timestamp, limits: &Limits) -> bool {
    let ttl = if row.client.is_some() { limits.stranger_key_ttl } else { limits.silent_key_ttl };
    row.user.is_none() && row.active <= (now - ttl).unix()
}

/// The keys of leftover rows among the next so many, and where to go on.
fn look<T: Table>(
    db: &dyn View,
    cursor: &mut Option<T::Key>,
    rows_max: usize,
    is_left: impl Fn(&T::Value) -> bool,
) -> Result<Vec<T::Key>, StoreError> {
    let mut rows = match cursor.take() {
        Some(from) => db.range::<T>(from..),
        None => db.range::<T>(..),
    };
    let mut found = Vec::new();
    for row in rows.by_ref().take(rows_max) {
        let (key, value) = row?;
        if is_left(&value) {
            found.push(key);
        }
    }
    *cursor = rows.next().transpose()?.map(|(key, _)| key);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    const LIMITS: Limits = Limits::DEFAULT;

    /// Looks, deletes, and says which keys went.
    fn sweep(cloud: &mut Fixture, cursor: &mut Cursor, rows_max: usize) -> Vec<AuthKeyId> {
        let now = cloud.now;
        let found = cloud
            .store
            .read(|db| Leftovers::find(db, now, &LIMITS, cursor, rows_max))
            .expect("rows can be read");
        let gone = cloud.write(move |txn| found.delete(txn, now, &LIMITS));
        gone.expect("rows can be written")
    }

    #[test]
    fn keys_go_on_which_nobody_logged_in() {
        let mut cloud = Fixture::new();
        let alice = cloud.person("Alice");
        let [silent, told, hers] = [1, 2, 3].map(|seed| cloud.key(seed));
        let now = cloud.now.unix();
        let change: Result<(), StoreError> = cloud.write(move |txn| {
            for key in [silent, told, hers] {
                let mut row = txn.get::<AuthKeys>(&key)?.expect("the key was made");
                row.active = now;
                row.client = (key == told).then(Default::default);
                row.user = (key == hers).then_some(alice);
                txn.put::<AuthKeys>(&key, &row)?;
            }
            Ok(())
        });
        change.expect("rows can be written");
        let mut cursor = Cursor::default();
        assert_eq!(sweep(&mut cloud, &mut cursor, 100), []);
        cloud.now = cloud.now + LIMITS.silent_key_ttl;
        assert_eq!(sweep(&mut cloud, &mut cursor, 100), [silent]);
        cloud.now = cloud.now + LIMITS.stranger_key_ttl;
        assert_eq!(sweep(&mut cloud, &mut cursor, 100), [told]);
        cloud.now = cloud.now + LIMITS.stranger_key_ttl * 10;
        assert_eq!(sweep(&mut cloud, &mut cursor, 100), []);
    }

    #[test]
    fn a_look_goes_on_where_the_last_one_ended() {
        let mut cloud = Fixture::new();
        for seed in 1..=5 {
            cloud.key(seed);
        }
        cloud.now = cloud.now + LIMITS.silent_key_ttl;
        let mut cursor = Cursor::default();
        let counts = [2, 2, 1, 0].map(|_| sweep(&mut cloud, &mut cursor, 2).len());
        assert_eq!(counts, [2, 2, 1, 0]);
    }

    #[test]
    fn what_ran_out_goes_and_what_did_not_stays() {
        let mut cloud = Fixture::new();
        let now = cloud.now.unix();
        let rows = move |txn: &mut Txn| {
            for (hash, expires) in [("old", now), ("new", now + 1)] {
                let row = crate::record::LoginCode {
                    code: "1".to_owned(),
                    expires,
                    attempts: 0,
                    confirmed: false,
                    used_by: None,
                };
                txn.put::<LoginCodes>(&("1".to_owned(), hash.to_owned()), &row)?;
                let row = crate::record::WrongCodesRow { count: 1, until: expires };
                txn.put::<WrongCodes>(&hash.to_owned(), &row)?;
            }
            Ok::<(), StoreError>(())
        };
        cloud.write(rows).expect("rows can be written");
        sweep(&mut cloud, &mut Cursor::default(), 100);
        let left = cloud.store.read(|db| {
            let codes = db.range::<LoginCodes>(..).map(|row| Ok(row?.0.1));
            let wrong = db.range::<WrongCodes>(..).map(|row| Ok(row?.0));
            codes.chain(wrong).collect::<Result<Vec<String>, StoreError>>()
        });
        assert_eq!(left.expect("rows can be read"), ["new", "new"]);
    }
}
