//! What the client could not do, in the words of the Bot API.

use heliogram_client::{ConnectError, DownloadError, InvokeError, RpcError, UploadError};

use crate::error::ApiError;

/// Why a request has no result. `default` is the method's own word for any 400.
pub(crate) fn refusal(error: &InvokeError, default: Option<&str>) -> ApiError {
    match error {
        InvokeError::Rpc(error) => rpc(error, default),
        InvokeError::UnknownPeer => ApiError::bad_request("chat not found"),
        InvokeError::Busy => ApiError::too_many_requests(1),
        InvokeError::Closed => ApiError::exact(500, "Internal Server Error: restart"),
        error => {
            tracing::warn!(%error, "a request came to nothing");
            ApiError::exact(500, "Internal Server Error: request failed")
        }
    }
}

/// What the data centre refused.
pub(crate) fn rpc(error: &RpcError, default: Option<&str>) -> ApiError {
    if let Some(wait) = error.wait() {
        return ApiError::too_many_requests(u32::try_from(wait.as_secs()).unwrap_or(u32::MAX));
    }
    if error.is_logout() {
        return ApiError::unauthorized();
    }
    // Constants of codes that the Bot API does not have are bad requests.
    let code = if matches!(error.code, 403 | 500) { error.code } else { 400 };
    ApiError::upstream(code, error.text(), default)
}

/// Why a token does not open an account.
pub(crate) fn login(error: &InvokeError) -> ApiError {
    match error.rpc() {
        Some(error) if error.is("API_ID_INVALID") => {
            ApiError::exact(401, "Unauthorized: invalid api-id/api-hash")
        }
        Some(error) if error.wait().is_some() || error.is_transient() => rpc(error, None),
        Some(_) => ApiError::unauthorized(),
        None => refusal(error, None),
    }
}

/// Why there is no client.
pub(crate) fn connect(error: &ConnectError) -> ApiError {
    tracing::warn!(%error, "a bot cannot reach the data centre");
    match error {
        ConnectError::Unreachable(_) => ApiError::exact(502, "Bad Gateway"),
        ConnectError::Invoke(error) => refusal(error, None),
        _ => ApiError::exact(500, "Internal Server Error: restart"),
    }
}

/// Why a file was not uploaded.
pub(crate) fn upload(error: &UploadError) -> ApiError {
    match error {
        UploadError::Empty => ApiError::bad_request("file must be non-empty"),
        UploadError::Invoke(error) => refusal(error, None),
        error => {
            tracing::warn!(%error, "an upload broke off");
            ApiError::bad_request("can't upload file")
        }
    }
}

/// Why a file was not downloaded.
pub(crate) fn download(error: &DownloadError) -> ApiError {
    match error {
        DownloadError::Invoke(InvokeError::Closed) => refusal(&InvokeError::Closed, None),
        error => {
            tracing::debug!(%error, "a download broke off");
            let text = "wrong file_id or the file is temporarily unavailable";
            ApiError::bad_request(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: i32, text: &str, expected: (u16, &str)) {
        let found = rpc(&RpcError::parse(code, text), None);
        assert_eq!((found.code, found.description.as_str()), expected);
    }

    #[test]
    fn errors_of_the_data_centre_keep_their_names() {
        check(400, "CHAT_ADMIN_REQUIRED", (400, "Bad Request: CHAT_ADMIN_REQUIRED"));
        check(406, "CHANNEL_PRIVATE", (400, "Bad Request: CHANNEL_PRIVATE"));
        check(420, "FLOOD_WAIT_7", (429, "Too Many Requests: retry after 7"));
        check(401, "AUTH_KEY_UNREGISTERED", (401, "Unauthorized"));
        check(403, "USER_IS_BLOCKED", (403, "Forbidden: bot was blocked by the user"));
    }
}
