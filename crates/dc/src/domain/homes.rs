//! Which data centre an account or a file belongs to, and who is sent there.
//!
//! All numbers of one server share their rows, so this is a matter of manners alone: clients expect
//! a data centre to refuse what lies in another, and to be told where to go.

use heliogram_ids::DcId;
use heliogram_store::engine::View;

use crate::config::Config;
use crate::cx::Caller;
use crate::domain::users;
use crate::error::{Rpc, RpcError};
use crate::record::UserRow;

/// Where an account is at home. What was noted at another time, when the server answered for other
/// numbers, does not bind it.
pub(crate) fn of_account(config: &Config, row: &UserRow) -> DcId {
    served(config, row.home)
}

/// Where a file lies, by what is noted in its row.
pub(crate) fn of_file(config: &Config, noted: Option<DcId>) -> DcId {
    served(config, noted)
}

fn served(config: &Config, noted: Option<DcId>) -> DcId {
    noted.filter(|dc| config.serves(*dc)).unwrap_or(config.dc_id)
}

/// Whether a login with that number begins here. One without an account will be given the first home.
///
/// # Errors
/// `PHONE_MIGRATE_X`.
pub(crate) fn require_phone(
    db: &dyn View,
    config: &Config,
    caller: &Caller,
    phone: &str,
) -> Rpc<()> {
    let home = match users::by_phone(db, phone)? {
        Some(user) => of_account(config, &users::require(db, user)?),
        None => config.dc_id,
    };
    require(caller, home, RpcError::phone_migrate)
}

/// Whether an account may log in here.
///
/// # Errors
/// `USER_MIGRATE_X`.
pub(crate) fn require_account(config: &Config, caller: &Caller, row: &UserRow) -> Rpc<()> {
    require(caller, of_account(config, row), RpcError::user_migrate)
}

/// Whether a file can be had here.
///
/// # Errors
/// `FILE_MIGRATE_X`.
pub(crate) fn require_file(config: &Config, caller: &Caller, noted: Option<DcId>) -> Rpc<()> {
    require(caller, of_file(config, noted), RpcError::file_migrate)
}

fn require(caller: &Caller, home: DcId, migrate: fn(DcId) -> RpcError) -> Rpc<()> {
    match caller.dc {
        Some(dc) if dc != home => Err(migrate(home)),
        _ => Ok(()),
    }
}
