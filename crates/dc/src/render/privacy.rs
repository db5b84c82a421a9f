//! Rules of privacy, as their owner sees them.

use heliogram_ids::UserId;
use heliogram_tl as tl;
use heliogram_tl::types;

use super::Peers;
use crate::record::{Audience, PrivacyKey, PrivacyRules};

/// The rules in their order; who is named in them is noted in `peers`.
pub(crate) fn privacy_rules(rules: &PrivacyRules, peers: &mut Peers) -> Vec<tl::PrivacyRule> {
    let mut ids = |users: &[UserId]| -> Vec<i64> {
        users.iter().for_each(|user| peers.mention_user(*user));
        users.iter().map(|user| user.get()).collect()
    };
    let mut rendered = Vec::with_capacity(rules.rules.len());
    for rule in &rules.rules {
        rendered.push(match (&rule.whom, rule.allow) {
            (Audience::Everybody, true) => tl::PrivacyRule::PrivacyValueAllowAll,
            (Audience::Everybody, false) => tl::PrivacyRule::PrivacyValueDisallowAll,
            (Audience::Contacts, true) => tl::PrivacyRule::PrivacyValueAllowContacts,
            (Audience::Contacts, false) => tl::PrivacyRule::PrivacyValueDisallowContacts,
            (Audience::Bots, true) => tl::PrivacyRule::PrivacyValueAllowBots,
            (Audience::Bots, false) => tl::PrivacyRule::PrivacyValueDisallowBots,
            (Audience::Users(users), true) => {
                types::PrivacyValueAllowUsers { users: ids(users) }.into()
            }
            (Audience::Users(users), false) => {
                types::PrivacyValueDisallowUsers { users: ids(users) }.into()
            }
        });
    }
    rendered
}

/// What a set of rules is about.
pub(crate) const fn privacy_key(key: PrivacyKey) -> tl::PrivacyKey {
    match key {
        PrivacyKey::StatusTimestamp => tl::PrivacyKey::PrivacyKeyStatusTimestamp,
        PrivacyKey::ChatInvite => tl::PrivacyKey::PrivacyKeyChatInvite,
        PrivacyKey::PhoneCall => tl::PrivacyKey::PrivacyKeyPhoneCall,
        PrivacyKey::PhoneP2P => tl::PrivacyKey::PrivacyKeyPhoneP2P,
        PrivacyKey::Forwards => tl::PrivacyKey::PrivacyKeyForwards,
        PrivacyKey::ProfilePhoto => tl::PrivacyKey::PrivacyKeyProfilePhoto,
        PrivacyKey::PhoneNumber => tl::PrivacyKey::PrivacyKeyPhoneNumber,
        PrivacyKey::AddedByPhone => tl::PrivacyKey::PrivacyKeyAddedByPhone,
        PrivacyKey::VoiceMessages => tl::PrivacyKey::PrivacyKeyVoiceMessages,
        PrivacyKey::About => tl::PrivacyKey::PrivacyKeyAbout,
        PrivacyKey::Birthday => tl::PrivacyKey::PrivacyKeyBirthday,
        PrivacyKey::StarGiftsAutoSave => tl::PrivacyKey::PrivacyKeyStarGiftsAutoSave,
        PrivacyKey::NoPaidMessages => tl::PrivacyKey::PrivacyKeyNoPaidMessages,
        PrivacyKey::SavedMusic => tl::PrivacyKey::PrivacyKeySavedMusic,
    }
}
