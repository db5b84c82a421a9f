//! `updates.*`: where a client stands, and what it missed.

mod get_channel_difference;
mod get_difference;
mod get_state;

use crate::rpc::route::routes;

routes! {
    updates.getChannelDifference read UserOrBot => GetChannelDifference, get_channel_difference::get_channel_difference;
    updates.getDifference        read UserOrBot => GetDifference, get_difference::get_difference;
    updates.getState             read UserOrBot => GetState, get_state::get_state;
}
