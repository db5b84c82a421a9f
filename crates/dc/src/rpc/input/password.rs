//! The proof of a password, as a caller gives it.

use heliogram_tl as tl;

use crate::domain::passwords::Proof;

/// The proof; `inputCheckPasswordEmpty` is none.
pub(in crate::rpc) fn password(input: &tl::InputCheckPasswordSrp) -> Option<Proof<'_>> {
    match input {
        tl::InputCheckPasswordSrp::InputCheckPasswordEmpty => None,
        tl::InputCheckPasswordSrp::InputCheckPasswordSrp(srp) => {
            Some(Proof { id: srp.srp_id, a: &srp.a, m1: &srp.m1 })
        }
    }
}
