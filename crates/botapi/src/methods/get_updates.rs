//! `getUpdates`, `setWebhook`, `deleteWebhook`, `getWebhookInfo`: the methods that our own queue
//! answers.

use std::net::IpAddr;
use std::time::Duration;

use crate::args::{Args, InputFile};
use crate::bots::{Bot, disk};
use crate::error::ApiError;
use crate::reply::{Answer, Success};
use crate::types::WebhookInfo;
use crate::updates::{Allowed, Hook, Poll, verify};

const CERTIFICATE_BYTES_MAX: u64 = 3 << 20;
const TIMEOUT_SECS_MAX: i64 = 50;

/// `getUpdates`: waits for updates and returns them.
///
/// # Errors
/// 409 while a webhook is set, and when another poll or a webhook takes over.
pub(super) async fn get_updates(bot: &Bot, args: &Args) -> Answer {
    if bot.hook().is_some() {
        bot.feed().pause_conflict(bot.now()).await;
        return Err(ApiError::conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the \
             webhook first",
        ));
    }
    keep_allowed(bot, args)?;
    let seconds = args.clamped("timeout", 0, 0, TIMEOUT_SECS_MAX);
    let poll = Poll {
        offset: args.integer("offset"),
        limit: usize::try_from(args.clamped("limit", 100, 1, 100)).unwrap_or(1),
        timeout: Duration::from_secs(seconds.unsigned_abs()),
    };
    Success::raw(bot.feed().poll(poll, || bot.now()).await?)
}

/// `setWebhook`: checks the address, then sends updates there. An empty URL deletes.
///
/// # Errors
/// `bad webhook: …`, and 429 when asked more than once a second.
pub(super) async fn set_webhook(bot: &Bot, args: &Args) -> Answer {
    let url = args.string("url")?;
    if url.trim().is_empty() {
        return delete_webhook(bot, args).await;
    }
    if !bot.may_set_hook(bot.now()) {
        return Err(ApiError::too_many_requests(1));
    }
    let hook = read_hook(bot, args, url.trim())?;
    let certificate = read_certificate(args)?;
    keep_allowed(bot, args)?;
    drop_pending(bot, args)?;
    if bot.hook().as_ref() == Some(&hook) && certificate.is_none() {
        bot.store_hook(Some(&hook))?;
        return Success::described("Webhook is already set");
    }
    verify(&hook, bot.options().local, bot.options().proxy.is_some()).await?;
    if let Some(pem) = certificate {
        std::fs::write(bot.folder().join("cert.pem"), pem).map_err(|error| {
            tracing::error!(%error, "a certificate cannot be written");
            ApiError::exact(500, "Internal Server Error: failed to save certificate")
        })?;
    }
    bot.store_hook(Some(&hook))?;
    bot.deliver_to(Some(hook));
    bot.feed().end_poll();
    Success::described("Webhook was set")
}

/// `deleteWebhook`: back to polling.
///
/// # Errors
/// Only our disk can fail.
pub(super) async fn delete_webhook(bot: &Bot, args: &Args) -> Answer {
    drop_pending(bot, args)?;
    if bot.hook().is_none() {
        return Success::described("Webhook is already deleted");
    }
    bot.deliver_to(None);
    bot.store_hook(None)?;
    Success::described("Webhook was deleted")
}

/// `getWebhookInfo`: what is set, and how it is going.
///
/// # Errors
/// None of its own.
pub(super) async fn get_webhook_info(bot: &Bot, _args: &Args) -> Answer {
    let hook = bot.hook();
    let health = bot.health().unwrap_or_default();
    let ip_address = hook.as_ref().map(|hook| {
        let address = hook.ip_address.or_else(|| health.address.map(|address| address.ip()));
        address.map_or_else(|| "<unknown>".to_owned(), |ip| ip.to_string())
    });
    let (last_error_date, last_error_message) =
        health.last_error.map(|(when, reason)| (i64::from(when.unix()), reason)).unzip();
    Success::of(&WebhookInfo {
        url: hook.as_ref().map(|hook| hook.url.to_string()).unwrap_or_default(),
        has_custom_certificate: hook.as_ref().is_some_and(|hook| hook.certificate),
        pending_update_count: i64::try_from(bot.feed().pending()).unwrap_or(i64::MAX),
        ip_address,
        last_error_date,
        last_error_message,
        last_synchronization_error_date: None,
        max_connections: hook.map(|hook| i64::from(hook.max_connections)),
        allowed_updates: bot.feed().allowed().names(),
    })
}

fn read_hook(bot: &Bot, args: &Args, url: &str) -> Result<Hook, ApiError> {
    let options = bot.options();
    let ip = args.string("ip_address")?;
    let ip_address: Option<IpAddr> = match ip.trim() {
        "" => None,
        text => Some(
            text.parse()
                .map_err(|_| ApiError::bad_request("bad webhook: Invalid IP address specified"))?,
        ),
    };
    let default = i64::from(options.webhook_connections);
    let connections =
        args.clamped("max_connections", default, 1, options.webhook_connections_max());
    Ok(Hook {
        url: Hook::parse_url(url, options.local)?,
        secret: Hook::parse_secret(&args.string("secret_token")?)?,
        ip_address,
        max_connections: u32::try_from(connections).unwrap_or(options.webhook_connections),
        certificate: matches!(args.file("certificate")?, Some(InputFile::Upload(_))),
    })
}

/// The uploaded certificate. A string in its place is passed over, as officially.
fn read_certificate(args: &Args) -> Result<Option<Vec<u8>>, ApiError> {
    let Some(InputFile::Upload(upload)) = args.file("certificate")? else { return Ok(None) };
    if upload.size > CERTIFICATE_BYTES_MAX {
        let text = format!("certificate size is too big ({} bytes)", upload.size);
        return Err(ApiError::bad_request(text));
    }
    std::fs::read(upload.path()).map(Some).map_err(|error| disk(&error))
}

fn keep_allowed(bot: &Bot, args: &Args) -> Result<(), ApiError> {
    let Some(allowed) = Allowed::parse(&args.string("allowed_updates")?) else { return Ok(()) };
    if allowed == bot.feed().allowed() {
        return Ok(());
    }
    bot.feed().allow(allowed);
    bot.store_hook(bot.hook().as_ref())
}

fn drop_pending(bot: &Bot, args: &Args) -> Result<(), ApiError> {
    if args.boolean("drop_pending_updates") {
        bot.feed().clear().map_err(|error| disk(&error))?;
    }
    Ok(())
}
