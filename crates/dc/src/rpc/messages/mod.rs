//! `messages.*`: what people write to each other.

mod delete_history;
mod delete_messages;
mod edit_message;
mod get_dialogs;
mod get_history;
mod get_messages;
mod read_history;
mod read_message_contents;
mod received_messages;
mod send_message;

use crate::rpc::route::routes;

routes! {
    messages.deleteHistory       write User      => DeleteHistory, delete_history::delete_history;
    messages.deleteMessages      write UserOrBot => DeleteMessages, delete_messages::delete_messages;
    messages.editMessage         write UserOrBot => EditMessage, edit_message::edit_message;
    messages.getDialogs          read  User      => GetDialogs, get_dialogs::get_dialogs;
    messages.getHistory          read  User      => GetHistory, get_history::get_history;
    messages.getMessageEditData  read  User      => GetMessageEditData, edit_message::get_message_edit_data;
    messages.getMessages         read  UserOrBot => GetMessages, get_messages::get_messages;
    messages.getPeerDialogs      read  User      => GetPeerDialogs, get_dialogs::get_peer_dialogs;
    messages.getPinnedDialogs    read  User      => GetPinnedDialogs, get_dialogs::get_pinned_dialogs;
    messages.readHistory         write User      => ReadHistory, read_history::read_history;
    messages.readMessageContents write User      => ReadMessageContents, read_message_contents::read_message_contents;
    messages.receivedMessages    read  User      => ReceivedMessages, received_messages::received_messages;
    messages.sendMessage         write UserOrBot => SendMessage, send_message::send_message;
}
