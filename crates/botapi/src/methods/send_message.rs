//! `sendMessage`.

use heliogram_tl as tl;

use crate::account::{Account, Sent};
use crate::args::Args;
use crate::bots::Bot;
use crate::compose::{self, Addressed, Words, envelope};
use crate::error::{ApiError, Content};
use crate::params;
use crate::reply::{Answer, Success};
use crate::types::LinkPreviewOptions;

/// `sendMessage`: a text.
///
/// # Errors
/// `message text is empty`, `message is too long`, `can't parse entities: …`, `chat not found`.
pub(super) async fn send_message(bot: &Bot, args: &Args) -> Answer {
    let account = bot.account()?;
    let params = params::SendMessage::read(args)?;
    let words = compose::required_text(
        account,
        &params.text,
        params.parse_mode.as_deref(),
        params.entities.as_deref(),
    );
    let words = words.await?;
    let preview = preview(params.link_preview_options, params.disable_web_page_preview);
    let to = envelope!(params).address(account).await?;

    if let Some(page) = preview.page {
        // Spec: api/web-page-previews. A chosen page is a medium of its own.
        return send_media(account, to, words, page.into(), preview.above, Content::Other).await;
    }
    send_words(account, to, words, &preview).await
}

/// Sends a text and answers with the message.
pub(super) async fn send_words(
    account: &Account,
    to: Addressed,
    words: Words,
    preview: &Preview,
) -> Answer {
    let random_id = account.random_id();
    let sent = Sent { random_id, draft: Box::new(to.draft(account.me(), &words)) };
    let request = tl::messages::SendMessage {
        no_webpage: preview.disabled,
        silent: to.silent,
        noforwards: to.noforwards,
        invert_media: preview.above,
        allow_paid_floodskip: to.paid,
        peer: to.place.input,
        reply_to: to.reply_to,
        message: words.text,
        random_id,
        reply_markup: to.reply_markup,
        entities: words.entities,
        effect: to.effect,
        ..tl::messages::SendMessage::default()
    };
    let updates = account.ask(&request).await;
    let updates = updates.map_err(|error| refused(&error, to.place.peer, Content::Other))?;
    present(account, account.sent(updates, &[sent])?).await
}

/// Sends a medium with a caption and answers with the message.
pub(super) async fn send_media(
    account: &Account,
    to: Addressed,
    words: Words,
    media: tl::InputMedia,
    invert_media: bool,
    content: Content,
) -> Answer {
    let random_id = account.random_id();
    let sent = Sent { random_id, draft: Box::new(to.draft(account.me(), &words)) };
    let request = tl::messages::SendMedia {
        silent: to.silent,
        noforwards: to.noforwards,
        invert_media,
        allow_paid_floodskip: to.paid,
        peer: to.place.input,
        reply_to: to.reply_to,
        media,
        message: words.text,
        random_id,
        reply_markup: to.reply_markup,
        entities: words.entities,
        effect: to.effect,
        ..tl::messages::SendMedia::default()
    };
    let updates = account.ask(&request).await;
    let updates = updates.map_err(|error| refused(&error, to.place.peer, content))?;
    present(account, account.sent(updates, &[sent])?).await
}

/// Why a message was not taken.
pub(super) fn refused(
    error: &heliogram_client::InvokeError,
    target: heliogram_ids::Peer,
    content: Content,
) -> ApiError {
    match error.rpc() {
        Some(rpc) if rpc.is("REPLY_MESSAGE_ID_INVALID") => {
            ApiError::bad_request("message to be replied not found")
        }
        Some(rpc) if rpc.wait().is_none() && !rpc.is_logout() => {
            let code = if matches!(rpc.code, 403 | 500) { rpc.code } else { 400 };
            ApiError::upstream_sending(code, rpc.text(), target, content)
        }
        _ => crate::account::refusal(error, None),
    }
}

async fn present(account: &Account, messages: Vec<tl::Message>) -> Answer {
    let gone = || {
        let text = "Internal Server Error: sent message was immediately deleted and can't be \
                    returned";
        ApiError::exact(500, text)
    };
    let message = messages.first().ok_or_else(gone)?;
    Success::of(&account.present(message).await?)
}

/// How the links of a text are shown.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Preview {
    pub(super) disabled: bool,
    pub(super) above: bool,
    /// A page chosen by the bot, or a size.
    pub(super) page: Option<tl::types::InputMediaWebPage>,
}

/// Today's object, or the flag of old.
pub(super) fn preview(options: Option<LinkPreviewOptions>, disabled: Option<bool>) -> Preview {
    let Some(options) = options else {
        return Preview { disabled: disabled.unwrap_or_default(), ..Preview::default() };
    };
    let page = options.url.filter(|url| !url.is_empty()).map(|url| tl::types::InputMediaWebPage {
        force_large_media: options.prefer_large_media.unwrap_or_default(),
        force_small_media: options.prefer_small_media.unwrap_or_default(),
        optional: true,
        url: url.as_str().into(),
    });
    let disabled = options.is_disabled.unwrap_or_default();
    Preview {
        disabled,
        above: options.show_above_text.unwrap_or_default(),
        page: page.filter(|_| !disabled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn todays_options_win_over_the_flag_of_old() {
        let options = LinkPreviewOptions::default();
        assert!(!preview(Some(options), Some(true)).disabled);
        assert!(preview(None, Some(true)).disabled);
    }

    #[test]
    fn a_chosen_page_is_sent_as_a_medium_unless_previews_are_off() {
        let with = |is_disabled| LinkPreviewOptions {
            url: Some("https://example.com".to_owned()),
            is_disabled: Some(is_disabled),
            ..LinkPreviewOptions::default()
        };
        assert!(preview(Some(with(false)), None).page.is_some());
        assert!(preview(Some(with(true)), None).page.is_none());
    }
}
