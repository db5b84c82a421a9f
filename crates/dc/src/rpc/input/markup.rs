//! A keyboard as a bot sends it.

use heliogram_ids::UserId;
use heliogram_store::engine::View;
use heliogram_tl as tl;

use crate::cx::Cx;
use crate::error::{Rpc, RpcError};
use crate::limits::Limits;
use crate::record::{Button, ButtonKind, Markup};

/// What stands below a message. Only bots may put something there; what people send is passed over.
///
/// # Errors
/// `REPLY_MARKUP_TOO_LONG`, `BUTTON_TEXT_INVALID`, `BUTTON_DATA_INVALID`, `BUTTON_URL_INVALID`,
/// `BUTTON_TYPE_INVALID`, `BUTTON_COPY_TEXT_INVALID`.
pub(in crate::rpc) fn markup<D: View>(
    cx: &Cx<'_, D>,
    input: Option<&tl::ReplyMarkup>,
) -> Rpc<Option<Markup>> {
    let Some(input) = input.filter(|_| cx.caller.is_bot) else { return Ok(None) };
    let limits = cx.world.limits();
    Ok(match input {
        tl::ReplyMarkup::ReplyInlineMarkup(inline) => {
            let rows = inline.rows.iter().map(
                |tl::KeyboardInlineButtonRow::KeyboardInlineButtonRow(row)| {
                    row.buttons
                        .iter()
                        .map(|button| inline_button(button, limits))
                        .collect::<Rpc<Vec<_>>>()
                },
            );
            let rows = bounded(rows.collect::<Rpc<Vec<_>>>()?, limits)?;
            (!rows.is_empty()).then_some(Markup::Inline(rows))
        }
        tl::ReplyMarkup::ReplyKeyboardMarkup(keyboard) => {
            let rows = keyboard.rows.iter().map(|tl::KeyboardButtonRow::KeyboardButtonRow(row)| {
                row.buttons.iter().map(button).collect::<Rpc<Vec<_>>>()
            });
            let rows = bounded(rows.collect::<Rpc<Vec<_>>>()?, limits)?;
            (!rows.is_empty()).then(|| Markup::Reply {
                rows,
                resize: keyboard.resize,
                single_use: keyboard.single_use,
                selective: keyboard.selective,
                persistent: keyboard.persistent,
                placeholder: keyboard.placeholder.as_ref().map(ToString::to_string),
            })
        }
        tl::ReplyMarkup::ReplyKeyboardHide(hide) => Some(Markup::Hide(hide.selective)),
        tl::ReplyMarkup::ReplyKeyboardForceReply(force) => Some(Markup::ForceReply {
            single_use: force.single_use,
            selective: force.selective,
            placeholder: force.placeholder.as_ref().map(ToString::to_string),
        }),
    })
}

/// The keyboard of an edited message: only one that belongs to the message can be put there later.
///
/// # Errors
/// `REPLY_MARKUP_INVALID`, and those of [`markup`].
pub(in crate::rpc) fn inline_markup<D: View>(
    cx: &Cx<'_, D>,
    input: Option<&tl::ReplyMarkup>,
) -> Rpc<Option<Markup>> {
    match markup(cx, input)? {
        Some(other) if !matches!(other, Markup::Inline(_)) => Err(RpcError::REPLY_MARKUP_INVALID),
        inline => Ok(inline),
    }
}

fn bounded(mut rows: Vec<Vec<Button>>, limits: &Limits) -> Rpc<Vec<Vec<Button>>> {
    rows.retain(|row| !row.is_empty());
    if rows.iter().map(Vec::len).sum::<usize>() > limits.keyboard_buttons_max {
        return Err(RpcError::REPLY_MARKUP_TOO_LONG);
    }
    Ok(rows)
}

fn inline_button(input: &tl::KeyboardInlineButton, limits: &Limits) -> Rpc<Button> {
    use tl::InlineButtonType as T;
    let tl::KeyboardInlineButton::KeyboardInlineButton(button) = input;
    let kind = match &button.r#type {
        T::InlineButtonTypeUrl(url) => ButtonKind::Url(link(&url.url)?),
        T::InlineButtonTypeCallback(callback) => {
            if callback.data.is_empty() || callback.data.len() > limits.callback_data_bytes_max {
                return Err(RpcError::BUTTON_DATA_INVALID);
            }
            ButtonKind::Callback {
                data: callback.data.to_vec(),
                requires_password: callback.requires_password,
            }
        }
        T::InlineButtonTypeSwitchInline(switch) => ButtonKind::SwitchInline {
            query: switch.query.to_string(),
            same_peer: switch.same_peer,
        },
        T::InlineButtonTypeWebView(view) => ButtonKind::WebView(link(&view.url)?),
        T::InlineButtonTypeUserProfile(profile) => {
            ButtonKind::UserProfile(UserId::new(profile.user_id).ok_or(RpcError::USER_ID_INVALID)?)
        }
        T::InlineButtonTypeCopy(copy) => {
            if !(1..=256).contains(&copy.copy_text.chars().count()) {
                return Err(RpcError::BUTTON_COPY_TEXT_INVALID);
            }
            ButtonKind::Copy(copy.copy_text.to_string())
        }
        T::InlineButtonTypeGame => ButtonKind::Game,
        T::InlineButtonTypeBuy => ButtonKind::Buy,
        _ => return Err(RpcError::BUTTON_TYPE_INVALID),
    };
    Ok(Button { text: label(&button.text)?, kind })
}

fn button(input: &tl::KeyboardButton) -> Rpc<Button> {
    use tl::ButtonType as T;
    let tl::KeyboardButton::KeyboardButton(button) = input;
    let kind = match &button.r#type {
        T::ButtonTypeDefault => ButtonKind::Text,
        T::ButtonTypeRequestPhone => ButtonKind::RequestPhone,
        T::ButtonTypeRequestGeoLocation => ButtonKind::RequestLocation,
        T::ButtonTypeRequestPoll(poll) => ButtonKind::RequestPoll(poll.quiz),
        T::ButtonTypeSimpleWebView(view) => ButtonKind::SimpleWebView(link(&view.url)?),
        _ => return Err(RpcError::BUTTON_TYPE_INVALID),
    };
    Ok(Button { text: label(&button.text)?, kind })
}

fn label(text: &str) -> Rpc<String> {
    let text = text.trim();
    if text.is_empty() { Err(RpcError::BUTTON_TEXT_INVALID) } else { Ok(text.to_owned()) }
}

/// A link with one of the schemes that buttons may open; `https` if it has none.
fn link(url: &str) -> Rpc<String> {
    let url = url.trim();
    let whole = if url.contains("://") { url.to_owned() } else { format!("https://{url}") };
    let (scheme, rest) = whole.split_once("://").ok_or(RpcError::BUTTON_URL_INVALID)?;
    let known = matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https" | "tg" | "ton");
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let plausible = !host.is_empty() && !rest.contains(char::is_whitespace);
    if known && plausible { Ok(whole) } else { Err(RpcError::BUTTON_URL_INVALID) }
}
