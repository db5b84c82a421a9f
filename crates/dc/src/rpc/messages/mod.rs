//! `messages.*`: what people write to each other.

mod get_history;
mod send_message;

use crate::rpc::route::routes;

routes! {
    messages.getHistory  read  User      => GetHistory, get_history::get_history;
    messages.sendMessage write UserOrBot => SendMessage, send_message::send_message;
}
