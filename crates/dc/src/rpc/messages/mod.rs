//! `messages.*`: what people write to each other.

mod delete_history;
mod delete_messages;
mod edit_message;
mod forward_messages;
mod get_bot_callback_answer;
mod get_dh_config;
mod get_dialogs;
mod get_history;
mod get_messages;
mod get_outbox_read_date;
mod get_peer_settings;
mod get_saved_dialogs;
mod read_history;
mod read_message_contents;
mod received_messages;
mod save_draft;
mod search;
mod send_media;
mod send_message;
mod set_typing;
mod start_bot;
mod toggle_dialog_pin;
mod update_pinned_message;

#[cfg(test)]
mod tests;

use crate::rpc::route::routes;

routes! {
    messages.clearAllDrafts       write User      => ClearAllDrafts, save_draft::clear_all_drafts;
    messages.deleteHistory        write User      => DeleteHistory, delete_history::delete_history;
    messages.deleteMessages       write UserOrBot => DeleteMessages, delete_messages::delete_messages;
    messages.editMessage          prepared UserOrBot => EditMessage, edit_message::prepare_edit, edit_message::edit_message;
    messages.forwardMessages      write UserOrBot => ForwardMessages, forward_messages::forward_messages;
    messages.getAllDrafts         read  User      => GetAllDrafts, save_draft::get_all_drafts;
    messages.getBotCallbackAnswer park  User      => GetBotCallbackAnswer, get_bot_callback_answer::get_bot_callback_answer;
    messages.getDhConfig          read  User      => GetDhConfig, get_dh_config::get_dh_config;
    messages.getDialogs           read  User      => GetDialogs, get_dialogs::get_dialogs;
    messages.getDialogUnreadMarks read  User      => GetDialogUnreadMarks, toggle_dialog_pin::get_dialog_unread_marks;
    messages.getHistory           read  User      => GetHistory, get_history::get_history;
    messages.getMessageEditData   read  User      => GetMessageEditData, edit_message::get_message_edit_data;
    messages.getMessages          read  UserOrBot => GetMessages, get_messages::get_messages;
    messages.getOutboxReadDate    read  User      => GetOutboxReadDate, get_outbox_read_date::get_outbox_read_date;
    messages.getPeerDialogs       read  User      => GetPeerDialogs, get_dialogs::get_peer_dialogs;
    messages.getPeerSettings      read  User      => GetPeerSettings, get_peer_settings::get_peer_settings;
    messages.getPinnedDialogs     read  User      => GetPinnedDialogs, get_dialogs::get_pinned_dialogs;
    messages.getSavedDialogs      read  User      => GetSavedDialogs, get_saved_dialogs::get_saved_dialogs;
    messages.getSavedHistory      read  User      => GetSavedHistory, get_saved_dialogs::get_saved_history;
    messages.getSearchCounters    read  User      => GetSearchCounters, search::get_search_counters;
    messages.hidePeerSettingsBar  write User      => HidePeerSettingsBar, get_peer_settings::hide_peer_settings_bar;
    messages.markDialogUnread     write User      => MarkDialogUnread, toggle_dialog_pin::mark_dialog_unread;
    messages.readHistory          write User      => ReadHistory, read_history::read_history;
    messages.readMessageContents  write User      => ReadMessageContents, read_message_contents::read_message_contents;
    messages.receivedMessages     read  User      => ReceivedMessages, received_messages::received_messages;
    messages.reorderPinnedDialogs write User      => ReorderPinnedDialogs, toggle_dialog_pin::reorder_pinned_dialogs;
    messages.saveDraft            write User      => SaveDraft, save_draft::save_draft;
    messages.search               read  User      => Search, search::search;
    messages.searchGlobal         read  User      => SearchGlobal, search::search_global;
    messages.sendMedia            prepared UserOrBot => SendMedia, send_media::prepare_media, send_media::send_media;
    messages.sendMessage          write UserOrBot => SendMessage, send_message::send_message;
    messages.sendMultiMedia       prepared UserOrBot => SendMultiMedia, send_media::prepare_multi_media, send_media::send_multi_media;
    messages.setBotCallbackAnswer read  Bot       => SetBotCallbackAnswer, get_bot_callback_answer::set_bot_callback_answer;
    messages.setTyping            read  UserOrBot => SetTyping, set_typing::set_typing;
    messages.startBot             write User      => StartBot, start_bot::start_bot;
    messages.toggleDialogPin      write User      => ToggleDialogPin, toggle_dialog_pin::toggle_dialog_pin;
    messages.unpinAllMessages     write UserOrBot => UnpinAllMessages, update_pinned_message::unpin_all_messages;
    messages.updatePinnedMessage  write UserOrBot => UpdatePinnedMessage, update_pinned_message::update_pinned_message;
    messages.uploadMedia          prepared UserOrBot => UploadMedia, send_media::prepare_upload, send_media::upload_media;
}
