//! What the processor can do, as far as we are allowed to know.
//!
//! Every fast path has a slow twin, and is chosen when the program runs. With the feature `portable`
//! nothing is ever found, so that all tests can be run on the slow paths as well.

/// Whether the processor has all of these features. Asked once; later calls read a cached answer.
macro_rules! has {
    ($($feature:tt),+) => {
        !cfg!(feature = "portable") && $(std::arch::is_x86_feature_detected!($feature))&&+
    };
}
pub(crate) use has;
