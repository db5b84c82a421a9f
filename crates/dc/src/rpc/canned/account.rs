//! Settings of things that this cloud has not, and features that it leaves to the client.

use heliogram_tl as tl;
use heliogram_tl::types;
use tl::account as request;

use super::answer::answers;

answers! {
    /// Nothing limits what a client downloads by itself.
    auto_download_settings: request::GetAutoDownloadSettings = types::account::AutoDownloadSettings {
        low: downloads(1 << 20),
        medium: downloads(10 << 20),
        high: downloads(100 << 20),
    }.into();
    /// Nothing is saved to the device unasked.
    auto_save_settings: request::GetAutoSaveSettings = types::account::AutoSaveSettings::default().into();
    /// Businesses have no links here.
    business_chat_links: request::GetBusinessChatLinks = types::account::BusinessChatLinks::default().into();
    /// Nobody logs in with a passkey.
    passkeys: request::GetPasskeys = types::account::Passkeys::default().into();
    /// Profiles carry no music.
    saved_music_ids: request::GetSavedMusicIds = types::account::SavedMusicIds::default().into();
    /// No passport is kept.
    all_secure_values: request::GetAllSecureValues = Vec::new();
    /// No gift is a theme.
    unique_gift_chat_themes: request::GetUniqueGiftChatThemes = types::account::ChatThemes::default().into();
    /// There are no themes of chats.
    chat_themes: request::GetChatThemes = types::account::Themes::default().into();
    /// No bot acts for an account.
    connected_bots: request::GetConnectedBots = types::account::ConnectedBots::default().into();
    /// Nobody is told of contacts that sign up by a message, so nothing can be silent.
    contact_sign_up_notification: request::GetContactSignUpNotification = false;
    /// Nothing is held back as sensitive.
    content_settings: request::GetContentSettings = types::account::ContentSettings::default().into();
    /// There are no emoji statuses.
    default_emoji_statuses: request::GetDefaultEmojiStatuses = types::account::EmojiStatuses::default().into();
    /// All of them are off, and none can be set.
    global_privacy_settings: request::GetGlobalPrivacySettings = types::GlobalPrivacySettings::default().into();
    /// There are no reactions to be told of.
    reactions_notify_settings: request::GetReactionsNotifySettings = types::ReactionsNotifySettings {
        sound: tl::NotificationSound::NotificationSoundDefault,
        show_previews: true,
        ..Default::default()
    }.into();
    /// There are no emoji statuses.
    recent_emoji_statuses: request::GetRecentEmojiStatuses = types::account::EmojiStatuses::default().into();
    /// Sounds are not kept here.
    saved_ringtones: request::GetSavedRingtones = types::account::SavedRingtones::default().into();
    /// There are no themes.
    themes: request::GetThemes = types::account::Themes::default().into();
    /// There are no wallpapers.
    wall_papers: request::GetWallPapers = types::account::WallPapers::default().into();
    /// Nobody logs in to web sites by this cloud.
    web_authorizations: request::GetWebAuthorizations = types::account::WebAuthorizations::default().into();
    /// Links are opened as the client likes.
    web_browser_settings: request::GetWebBrowserSettings = types::account::WebBrowserSettings::default().into();
    /// There is no push service, so a token is of no use; clients want to hear that it arrived.
    register_device: request::RegisterDevice = true;
    /// See there.
    unregister_device: request::UnregisterDevice = true;
}

fn downloads(file_size_max: i64) -> tl::AutoDownloadSettings {
    types::AutoDownloadSettings {
        video_preload_large: true,
        audio_preload_next: true,
        photo_size_max: 1 << 20,
        video_size_max: file_size_max,
        file_size_max,
        video_upload_maxbitrate: 100,
        small_queue_active_operations_max: 0,
        large_queue_active_operations_max: 0,
        ..Default::default()
    }
    .into()
}
