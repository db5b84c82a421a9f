//! Logins, as their owner sees them in the list of sessions.

use heliogram_tl as tl;
use heliogram_tl::types;

use crate::record::AuthKeyRow;

/// One login. That of the viewer goes by the hash zero.
pub(crate) fn authorization(row: &AuthKeyRow, current: bool) -> tl::Authorization {
    let client = row.client.clone().unwrap_or_default();
    types::Authorization {
        current,
        hash: if current { 0 } else { row.hash },
        device_model: client.device_model.into(),
        platform: tl::Str::default(),
        system_version: client.system_version.into(),
        api_id: client.api_id,
        app_name: client.lang_pack.into(),
        app_version: client.app_version.into(),
        date_created: row.logged_in,
        date_active: row.active,
        ip: (&row.ip).into(),
        ..Default::default()
    }
    .into()
}
