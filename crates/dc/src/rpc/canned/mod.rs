//! Methods whose true answer in this cloud is a constant, each with a word on why.
//!
//! Clients ask for most of them right after a login. An honest "there is none" costs a line; a
//! stream of errors makes some of them take the account for broken.

mod account;
mod answer;
mod help;
mod lists;
mod stickers;

use crate::rpc::route::routes;

routes! {
    account.getAutoDownloadSettings      read User      => GetAutoDownloadSettings, account::auto_download_settings;
    account.getChatThemes                read User      => GetChatThemes, account::chat_themes;
    account.getConnectedBots             read User      => GetConnectedBots, account::connected_bots;
    account.getContactSignUpNotification read User      => GetContactSignUpNotification, account::contact_sign_up_notification;
    account.getContentSettings           read User      => GetContentSettings, account::content_settings;
    account.getDefaultEmojiStatuses      read User      => GetDefaultEmojiStatuses, account::default_emoji_statuses;
    account.getGlobalPrivacySettings     read User      => GetGlobalPrivacySettings, account::global_privacy_settings;
    account.getReactionsNotifySettings   read User      => GetReactionsNotifySettings, account::reactions_notify_settings;
    account.getRecentEmojiStatuses       read User      => GetRecentEmojiStatuses, account::recent_emoji_statuses;
    account.getSavedRingtones            read User      => GetSavedRingtones, account::saved_ringtones;
    account.getThemes                    read User      => GetThemes, account::themes;
    account.getWallPapers                read User      => GetWallPapers, account::wall_papers;
    account.getWebAuthorizations         read User      => GetWebAuthorizations, account::web_authorizations;
    account.getWebBrowserSettings        read User      => GetWebBrowserSettings, account::web_browser_settings;
    account.registerDevice               read User      => RegisterDevice, account::register_device;
    account.unregisterDevice             read User      => UnregisterDevice, account::unregister_device;
    aicompose.getTones                   read User      => GetTones, lists::tones;
    communities.getJoinedCommunities     read User      => GetJoinedCommunities, lists::joined_communities;
    contacts.getSaved                    read User      => GetSaved, lists::saved;
    contacts.getSponsoredPeers           read User      => GetSponsoredPeers, lists::sponsored_peers;
    contacts.getTopPeers                 read User      => GetTopPeers, lists::top_peers;
    help.acceptTermsOfService            read User      => AcceptTermsOfService, help::accept_terms_of_service;
    help.dismissSuggestion               read User      => DismissSuggestion, help::dismiss_suggestion;
    help.getAppUpdate                    read Anyone    => GetAppUpdate, help::app_update;
    help.getCdnConfig                    read Anyone    => GetCdnConfig, help::cdn_config;
    help.getCountriesList                read Anyone    => GetCountriesList, help::countries_list;
    help.getDeepLinkInfo                 read Anyone    => GetDeepLinkInfo, help::deep_link_info;
    help.getPeerColors                   read Anyone    => GetPeerColors, help::peer_colors;
    help.getPeerProfileColors            read Anyone    => GetPeerProfileColors, help::peer_profile_colors;
    help.getPremiumPromo                 read User      => GetPremiumPromo, help::premium_promo;
    help.getPromoData                    read User      => GetPromoData, help::promo_data;
    help.getTermsOfServiceUpdate         read User      => GetTermsOfServiceUpdate, help::terms_of_service_update;
    help.getTimezonesList                read User      => GetTimezonesList, help::timezones_list;
    help.hidePromoData                   read User      => HidePromoData, help::hide_promo_data;
    help.saveAppLog                      read Anyone    => SaveAppLog, help::save_app_log;
    langpack.getDifference               read Anyone    => GetDifference, help::lang_difference;
    langpack.getLangPack                 read Anyone    => GetLangPack, help::lang_pack;
    langpack.getLanguages                read Anyone    => GetLanguages, help::languages;
    langpack.getStrings                  read Anyone    => GetStrings, help::strings;
    messages.getAllStickers              read User      => GetAllStickers, stickers::all_stickers;
    messages.getAttachMenuBots           read User      => GetAttachMenuBots, lists::attach_menu_bots;
    messages.getAvailableEffects         read User      => GetAvailableEffects, stickers::available_effects;
    messages.getAvailableReactions       read User      => GetAvailableReactions, stickers::available_reactions;
    messages.getDefaultHistoryTTL        read User      => GetDefaultHistoryTtl, lists::default_history_ttl;
    messages.getDefaultTagReactions      read User      => GetDefaultTagReactions, stickers::default_tag_reactions;
    messages.getDialogFilters            read User      => GetDialogFilters, lists::dialog_filters;
    messages.getEmojiGroups              read User      => GetEmojiGroups, stickers::emoji_groups;
    messages.getEmojiKeywordsLanguages   read User      => GetEmojiKeywordsLanguages, stickers::emoji_keywords_languages;
    messages.getEmojiStatusGroups        read User      => GetEmojiStatusGroups, stickers::emoji_status_groups;
    messages.getEmojiStickerGroups       read User      => GetEmojiStickerGroups, stickers::emoji_sticker_groups;
    messages.getEmojiStickers            read User      => GetEmojiStickers, stickers::emoji_stickers;
    messages.getFavedStickers            read User      => GetFavedStickers, stickers::faved_stickers;
    messages.getFeaturedEmojiStickers    read User      => GetFeaturedEmojiStickers, stickers::featured_emoji_stickers;
    messages.getFeaturedStickers         read User      => GetFeaturedStickers, stickers::featured_stickers;
    messages.getMaskStickers             read User      => GetMaskStickers, stickers::mask_stickers;
    messages.getPinnedSavedDialogs       read User      => GetPinnedSavedDialogs, lists::pinned_saved_dialogs;
    messages.getQuickReplies             read User      => GetQuickReplies, lists::quick_replies;
    messages.getRecentReactions          read User      => GetRecentReactions, stickers::recent_reactions;
    messages.getRecentStickers           read User      => GetRecentStickers, stickers::recent_stickers;
    messages.getSavedGifs                read User      => GetSavedGifs, stickers::saved_gifs;
    messages.getSavedReactionTags        read User      => GetSavedReactionTags, stickers::saved_reaction_tags;
    messages.getScheduledHistory         read User      => GetScheduledHistory, lists::scheduled_history;
    messages.getSponsoredMessages        read User      => GetSponsoredMessages, lists::sponsored_messages;
    messages.getStickers                 read User      => GetStickers, stickers::stickers;
    messages.getSuggestedDialogFilters   read User      => GetSuggestedDialogFilters, lists::suggested_dialog_filters;
    messages.getTopReactions             read User      => GetTopReactions, stickers::top_reactions;
    stories.getAllStories                read User      => GetAllStories, lists::all_stories;
    stories.getPinnedStories             read User      => GetPinnedStories, lists::pinned_stories;
    stories.getStoriesArchive            read User      => GetStoriesArchive, lists::stories_archive;
    users.getRequirementsToContact       read User      => GetRequirementsToContact, lists::requirements_to_contact;
    users.getSavedMusic                  read UserOrBot => GetSavedMusic, lists::saved_music;
}
