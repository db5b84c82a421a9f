//! `messages.receivedMessages`.

use heliogram_tl as tl;

use crate::cx::Reading;
use crate::error::Rpc;

/// `messages.receivedMessages`: a device says what it has shown, so that no other notification is
/// sent for it. This cloud sends none, so nothing is left to be taken back.
pub(super) fn received_messages(
    _: &mut Reading<'_>,
    _: tl::messages::ReceivedMessages,
) -> Rpc<Vec<tl::ReceivedNotifyMessage>> {
    Ok(Vec::new())
}
