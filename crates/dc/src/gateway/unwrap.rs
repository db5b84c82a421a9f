//! Peels the wrappers off a query, in whatever order a client nested them.

use bytes::Bytes;
use heliogram_ids::{Layer, MsgId};
use heliogram_mtproto::message::gzip;
use heliogram_tl as tl;
use heliogram_tl::{Function, Raw, Reader};

use crate::error::{Rpc, RpcError};
use crate::record::ClientInfo;

/// Functions that wrap another query and are peeled off here.
pub(crate) const WRAPPERS: &[&str] = &[
    tl::InitConnection::NAME,
    tl::InvokeAfterMsg::NAME,
    tl::InvokeAfterMsgs::NAME,
    tl::InvokeWithApnsSecret::NAME,
    tl::InvokeWithGooglePlayIntegrity::NAME,
    tl::InvokeWithLayer::NAME,
    tl::InvokeWithMessagesRange::NAME,
    tl::InvokeWithReCaptcha::NAME,
    tl::InvokeWithoutUpdates::NAME,
];

/// Wrappers around wrappers: more than any client nests.
const DEPTH_MAX: usize = 16;
/// Most messages that one query may wait for.
const AFTER_MAX: usize = 256;
/// What all that is packed inside of one query may unpack to: a part of a file, and room.
const UNPACKED_BYTES_MAX: usize = 4 << 20;

/// A query and what its wrappers said.
#[derive(Debug, Default)]
pub(super) struct Unwrapped {
    pub(super) layer: Option<Layer>,
    pub(super) client: Option<ClientInfo>,
    /// Run only after these were answered without an error.
    pub(super) after: Vec<MsgId>,
    /// The session does not want updates for this.
    pub(super) without_updates: bool,
    pub(super) query: Bytes,
}

/// Peels all wrappers.
///
/// # Errors
/// `INPUT_FETCH_ERROR` for what does not parse, `CONNECTION_LAYER_INVALID`, and `METHOD_INVALID` for
/// wrappers whose meaning we do not have.
pub(super) fn unwrap(body: &Bytes) -> Rpc<Unwrapped> {
    let mut out = Unwrapped { query: body.clone(), ..Unwrapped::default() };
    let mut left = UNPACKED_BYTES_MAX;
    for _ in 0..DEPTH_MAX {
        let id = Reader::of(&out.query).u32().map_err(|_| RpcError::INPUT_FETCH_ERROR)?;
        out.query = match id {
            gzip::ID => {
                let unpacked = gzip::unpack(&out.query, left);
                let unpacked = unpacked.map_err(|_| RpcError::INPUT_FETCH_ERROR)?;
                left -= unpacked.len();
                unpacked
            }
            tl::InvokeWithLayer::ID => {
                let wrapper: tl::InvokeWithLayer = decode(&out.query)?;
                out.layer =
                    Some(Layer::new(wrapper.layer).ok_or(RpcError::CONNECTION_LAYER_INVALID)?);
                inner(wrapper.query)
            }
            tl::InitConnection::ID => {
                let wrapper: tl::InitConnection = decode(&out.query)?;
                out.client = Some(client(&wrapper));
                inner(wrapper.query)
            }
            // Seen: Kurigram 2.2.26 counts a history by the ranges of messages.getSplitRanges, which
            // tells of one that holds everything.
            tl::InvokeWithMessagesRange::ID => {
                let wrapper: tl::InvokeWithMessagesRange = decode(&out.query)?;
                if !holds_everything(&wrapper.range) {
                    return Err(RpcError::METHOD_INVALID);
                }
                inner(wrapper.query)
            }
            tl::InvokeAfterMsg::ID => {
                let wrapper: tl::InvokeAfterMsg = decode(&out.query)?;
                out.after.push(MsgId(wrapper.msg_id));
                inner(wrapper.query)
            }
            tl::InvokeAfterMsgs::ID => {
                let wrapper: tl::InvokeAfterMsgs = decode(&out.query)?;
                let room = AFTER_MAX.saturating_sub(out.after.len());
                out.after.extend(wrapper.msg_ids.iter().take(room).copied().map(MsgId));
                inner(wrapper.query)
            }
            tl::InvokeWithoutUpdates::ID => {
                out.without_updates = true;
                inner(decode::<tl::InvokeWithoutUpdates>(&out.query)?.query)
            }
            // Proofs for the mobile platforms: nothing here asks for them, so nothing checks them.
            tl::InvokeWithApnsSecret::ID => {
                inner(decode::<tl::InvokeWithApnsSecret>(&out.query)?.query)
            }
            tl::InvokeWithGooglePlayIntegrity::ID => {
                inner(decode::<tl::InvokeWithGooglePlayIntegrity>(&out.query)?.query)
            }
            tl::InvokeWithReCaptcha::ID => {
                inner(decode::<tl::InvokeWithReCaptcha>(&out.query)?.query)
            }
            _ => return Ok(out),
        };
    }
    Err(RpcError::INPUT_FETCH_ERROR)
}

/// The query without its wrappers.
#[cfg(fuzzing)]
pub(crate) fn unwrapped(body: &Bytes) -> Rpc<Bytes> {
    unwrap(body).map(|unwrapped| unwrapped.query)
}

fn decode<F: Function>(query: &Bytes) -> Rpc<F> {
    F::decode(&mut Reader::of(query)).map_err(|_| RpcError::INPUT_FETCH_ERROR)
}

fn inner(Raw(query): Raw) -> Bytes {
    query
}

fn holds_everything(range: &tl::MessageRange) -> bool {
    let tl::MessageRange::MessageRange(range) = range;
    range.min_id <= 1 && range.max_id == i32::MAX
}

fn client(init: &tl::InitConnection) -> ClientInfo {
    ClientInfo {
        api_id: init.api_id,
        device_model: cut(&init.device_model),
        system_version: cut(&init.system_version),
        app_version: cut(&init.app_version),
        system_lang_code: cut(&init.system_lang_code),
        lang_pack: cut(&init.lang_pack),
        lang_code: cut(&init.lang_code),
    }
}

/// Clients may say of themselves what they like, but not at any length.
fn cut(text: &str) -> String {
    text.chars().take(128).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliogram_tl::Encode as _;

    fn raw(query: &impl tl::Encode) -> Raw {
        Raw(query.to_bytes().into())
    }

    #[track_caller]
    fn check(body: Vec<u8>, layer: i32) {
        let out = unwrap(&body.into()).expect("the wrappers come off");
        assert_eq!(out.query, tl::help::GetConfig {}.to_bytes());
        assert_eq!(out.layer, Layer::new(layer));
        assert_eq!(out.client.map(|client| client.device_model), Some("lamp".to_owned()));
    }

    #[test]
    fn wrappers_come_off_in_any_order() {
        let init =
            |query| tl::InitConnection { device_model: "lamp".into(), query, ..Default::default() };
        let with_layer = |query| tl::InvokeWithLayer { layer: 158, query };
        let config = tl::help::GetConfig {};
        check(with_layer(raw(&init(raw(&config)))).to_bytes(), 158);
        // Seen: MTKruto nests them the other way round.
        check(init(raw(&with_layer(raw(&config)))).to_bytes(), 158);
    }

    #[test]
    fn endless_nesting_is_refused() {
        let mut query = tl::help::GetConfig {}.to_bytes();
        for _ in 0..100 {
            query = tl::InvokeWithoutUpdates { query: Raw(query.into()) }.to_bytes();
        }
        assert_eq!(unwrap(&query.into()).expect_err("too deep"), RpcError::INPUT_FETCH_ERROR);
    }

    #[test]
    fn bombs_within_bombs_share_one_allowance() {
        let packed = |object: &[u8]| gzip::pack(object).expect("zeros shrink").to_vec();
        // Each layer holds the one before, and the one before is as long as half of what may be.
        let filler = vec![0; UNPACKED_BYTES_MAX / 2];
        let config = tl::help::GetConfig {}.to_bytes();
        let once = packed(&[&config[..], &filler].concat());
        assert!(unwrap(&once.clone().into()).is_ok());
        let wrapped = |inner: Vec<u8>| tl::InvokeWithoutUpdates {
            query: Raw([inner, filler.clone()].concat().into()),
        };
        let twice = packed(&wrapped(once).to_bytes());
        assert!(twice.len() < 1 << 15);
        assert_eq!(unwrap(&twice.into()).expect_err("too much"), RpcError::INPUT_FETCH_ERROR);
    }

    #[test]
    fn a_query_waits_for_only_so_many_others() {
        let mut query = tl::help::GetConfig {}.to_bytes();
        for _ in 0..4 {
            let msg_ids = vec![4; AFTER_MAX - 1];
            query = tl::InvokeAfterMsgs { msg_ids, query: Raw(query.into()) }.to_bytes();
        }
        assert_eq!(unwrap(&query.into()).expect("the wrappers come off").after.len(), AFTER_MAX);
    }

    #[test]
    fn a_range_of_all_messages_is_no_restriction_and_a_narrower_one_is_not_known() {
        let wrapped = |min_id, max_id| {
            let range = tl::types::MessageRange { min_id, max_id }.into();
            let query = raw(&tl::help::GetConfig {});
            unwrap(&tl::InvokeWithMessagesRange { range, query }.to_bytes().into())
        };
        let out = wrapped(1, i32::MAX).expect("the wrapper comes off");
        assert_eq!(out.query, tl::help::GetConfig {}.to_bytes());
        assert_eq!(wrapped(5, i32::MAX).map(drop), Err(RpcError::METHOD_INVALID));
        assert_eq!(wrapped(1, 7).map(drop), Err(RpcError::METHOD_INVALID));
    }
}
