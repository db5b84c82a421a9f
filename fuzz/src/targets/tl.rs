//! Values and calls of the newest layer, and of the service schema.
//!
//! The input is read as what its first word says it is. What is read and written back reads and writes
//! the same again, costs no more memory than it may, and says the same to an independent reader of the
//! schema; and what that reader takes is taken.

use std::sync::LazyLock;

use heliogram_testkit::strict::Schema;
use heliogram_tl::fuzzing::{
    RoundTrip, decode_and_encode, decode_and_encode_service, name, requests, values,
};
use heliogram_tl::{Bytes, DecodeError, LAYER, fuzzing};

use crate::heap;

static NEWEST: LazyLock<Schema> =
    LazyLock::new(|| Schema::of_layer(u32::try_from(LAYER).expect("layers count upwards")));

pub(super) fn check(input: &[u8]) {
    let Some((id, _)) = input.split_first_chunk() else { return };
    let id = u32::from_le_bytes(*id);
    let bytes = Bytes::copy_from_slice(input);
    if let Some(name) = name(id) {
        let is_value =
            fuzzing::name(id).is_some() && heliogram_tl::layer::function_name(id).is_none();
        let written = check_round_trip(name, &bytes, decode_and_encode);
        if is_value {
            check_meaning(&bytes, written);
        }
    } else {
        for name in SERVICE {
            let _ = check_round_trip(name, &bytes, decode_and_encode_service);
        }
    }
}

fn check_round_trip(
    name: &str,
    bytes: &Bytes,
    round_trip: fn(&str, &Bytes) -> RoundTrip,
) -> Result<Bytes, DecodeError> {
    let (written, peak) = heap::peak(|| round_trip(name, bytes).expect("the name is known"));
    let bound = BYTES_MIN + BYTES_EACH * bytes.len();
    assert!(peak <= bound, "{name}: {} bytes cost {peak}", bytes.len());
    let written = Bytes::from(written?);
    assert!(written.len() <= bytes.len(), "{name}: longer than it came");
    let again = round_trip(name, &written).expect("the name is known");
    assert_eq!(again.as_deref(), Ok(&written[..]), "{name}");
    Ok(written)
}

/// Compares with a reader that shares nothing with the one that is judged.
fn check_meaning(bytes: &Bytes, written: Result<Bytes, DecodeError>) {
    let meant = NEWEST.read_any(bytes);
    match (meant, written) {
        (Ok(meant), Ok(written)) => {
            let said = NEWEST.read_any(&written).expect("what is written is strict");
            // By their spelling: NaN is not itself.
            assert_eq!(format!("{said:?}"), format!("{meant:?}"));
        }
        (Ok(_), Err(DecodeError::TooDeep { .. })) | (Err(_), _) => {}
        (Ok(meant), Err(error)) => panic!("{error}, of {meant:?}"),
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let service = SERVICE.iter().flat_map(|_| None::<Vec<u8>>);
    let mut seeds: Vec<_> =
        values(1).into_iter().chain(requests(LAYER, 2)).chain(service).collect();
    seeds.retain(|seed| seed.len() <= 600);
    // Every third; the fuzzer has the ids of the others from the comparisons.
    seeds.into_iter().step_by(3).collect()
}

/// What a value may cost beyond its own length.
const BYTES_MIN: usize = 64 << 10;
const BYTES_EACH: usize = 256;

/// What may arrive unencrypted, or within a session.
const SERVICE: [&str; 20] = [
    "BadMsgNotification",
    "Client_DH_Inner_Data",
    "FutureSalts",
    "MsgsAck",
    "MsgsAllInfo",
    "MsgsStateInfo",
    "MsgsStateReq",
    "NewSession",
    "P_Q_inner_data",
    "Pong",
    "ResPQ",
    "RpcDropAnswer",
    "RpcError",
    "Server_DH_Params",
    "Server_DH_inner_data",
    "Set_client_DH_params_answer",
    "req_DH_params",
    "req_pq_multi",
    "rpc_drop_answer",
    "set_client_DH_params",
];
