//! Moving fat values costs more than parsing them, so the everyday types stay small.

use std::mem::size_of;

use heliogram_tl as tl;

#[test]
fn everyday_types_are_small() {
    assert!(size_of::<Option<tl::Str>>() <= 24, "{}", size_of::<Option<tl::Str>>());
    assert!(size_of::<tl::Message>() <= 48, "{}", size_of::<tl::Message>());
    assert!(size_of::<tl::User>() <= 48, "{}", size_of::<tl::User>());
    assert!(size_of::<tl::Chat>() <= 48, "{}", size_of::<tl::Chat>());
    assert!(size_of::<tl::Update>() <= 64, "{}", size_of::<tl::Update>());
    assert!(size_of::<tl::MessageMedia>() <= 64, "{}", size_of::<tl::MessageMedia>());
}
