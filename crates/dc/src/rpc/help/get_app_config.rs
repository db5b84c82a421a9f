//! `help.getAppConfig`.

use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::StrangerReading;
use crate::error::Rpc;
use crate::limits::Limits;

/// Changes whenever the values below do.
const HASH: i32 = 1;

/// `help.getAppConfig`: limits of the client's surface, as JSON.
///
/// Legal before a login: a 401 here makes TDLib drop its key. `appConfigNotModified` only answers
/// a hash that the client could have had from us.
pub(super) fn get_app_config(
    cx: &mut StrangerReading<'_>,
    req: tl::help::GetAppConfig,
) -> Rpc<tl::help::AppConfig> {
    if req.hash == HASH {
        return Ok(tl::help::AppConfig::AppConfigNotModified);
    }
    let values = values(cx.world.limits());
    let value = values.into_iter().map(|(key, number)| {
        let value = types::JsonNumber { value: number }.into();
        types::JsonObjectValue { key: key.into(), value }.into()
    });
    let config = types::JsonObject { value: value.collect() }.into();
    Ok(types::help::AppConfig { hash: HASH, config }.into())
}

#[allow(clippy::cast_precision_loss)] // Limits are far below 2^52.
fn values(limits: &Limits) -> [(&'static str, f64); 12] {
    let caption = limits.caption_utf16_max as f64;
    let about = limits.about_utf16_max as f64;
    let pinned = limits.pinned_dialogs_max as f64;
    let parts = f64::from(limits.parts_max);
    [
        ("caption_length_limit_default", caption),
        ("caption_length_limit_premium", caption),
        ("about_length_limit_default", about),
        ("about_length_limit_premium", about),
        ("dialogs_pinned_limit_default", pinned),
        ("dialogs_pinned_limit_premium", pinned),
        ("upload_max_fileparts_default", parts),
        ("upload_max_fileparts_premium", parts),
        ("reactions_uniq_max", 11.0),
        ("chat_read_mark_size_threshold", 100.0),
        ("chat_read_mark_expire_period", 604_800.0),
        ("pm_read_date_expire_period", 604_800.0),
    ]
}
