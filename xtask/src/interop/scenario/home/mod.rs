//! Everyone at home: one account in every client at once, on every layer they speak. Bob writes,
//! everybody hears all of it, in order; one is thrown out, and the others go on.

mod house;
mod steps;

pub(in crate::interop) use house::perform;
pub(super) use steps::knows;
