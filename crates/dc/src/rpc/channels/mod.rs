//! `channels.*`.

mod get_channels;
mod get_messages;

use crate::rpc::route::routes;

routes! {
    channels.getChannels read UserOrBot => GetChannels, get_channels::get_channels;
    channels.getMessages read UserOrBot => GetMessages, get_messages::get_messages;
    channels.readHistory read User      => ReadHistory, get_messages::read_history;
}
