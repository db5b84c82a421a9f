//! `answerCallbackQuery`.

use heliogram_tl as tl;

use crate::args::Args;
use crate::bots::Bot;
use crate::error::ApiError;
use crate::params;
use crate::reply::{Answer, Success};

/// `answerCallbackQuery`: ends the wait of the user who pressed a button.
///
/// # Errors
/// `query is too old and response timeout expired or query ID is invalid`.
pub(super) async fn answer_callback_query(bot: &Bot, args: &Args) -> Answer {
    let params = params::AnswerCallbackQuery::read(args)?;
    let invalid = || ApiError::upstream(400, "QUERY_ID_INVALID", None);
    let text = |text: Option<String>| {
        text.filter(|text| !text.is_empty()).map(|text| tl::Str::from(text.as_str()))
    };
    let request = tl::messages::SetBotCallbackAnswer {
        alert: params.show_alert.unwrap_or_default(),
        query_id: params.callback_query_id.trim().parse().map_err(|_| invalid())?,
        message: text(params.text),
        url: text(params.url),
        cache_time: params.cache_time.unwrap_or_default().clamp(0, i32::MAX.into()) as i32,
    };
    bot.account()?.invoke(&request).await?;
    Success::of(&true)
}
