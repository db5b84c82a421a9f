//! `account.getPrivacy` and `account.setPrivacy`.

use heliogram_ids::UserId;
use heliogram_store::engine::View;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::{Cx, Reading, Writing};
use crate::domain::privacy;
use crate::error::{Rpc, RpcError};
use crate::fanout::Notice;
use crate::record::{Audience, PrivacyKey, PrivacyRule, PrivacyRules};
use crate::render::{self, Peers};
use crate::rpc::input;
use crate::tables::Privacy;

/// `account.getPrivacy`: who may see one thing of the caller.
pub(super) fn get_privacy(
    cx: &mut Reading<'_>,
    req: tl::account::GetPrivacy,
) -> Rpc<tl::account::PrivacyRules> {
    answer(cx, key(&req.key))
}

/// `account.setPrivacy`: replaces the rules of one thing. They are tried in order; whom none speaks
/// of is refused.
///
/// # Errors
/// `USER_ID_INVALID`; `PRIVACY_VALUE_INVALID` for rules about groups and kinds of people that there
/// are not; `PRIVACY_TOO_LONG`.
pub(super) fn set_privacy(
    cx: &mut Writing<'_>,
    req: tl::account::SetPrivacy,
) -> Rpc<tl::account::PrivacyRules> {
    if req.rules.len() > RULES_MAX {
        return Err(RpcError::PRIVACY_TOO_LONG);
    }
    let key = key(&req.key);
    let rules = req.rules.iter().map(|input| rule(cx, input)).collect::<Rpc<_>>()?;
    cx.db.put::<Privacy>(&(cx.me, key.number()), &PrivacyRules { rules })?;
    cx.outbox.tell(cx.me, Notice::Privacy { key });
    answer(cx, key)
}

fn answer<D: View>(cx: &Cx<'_, D>, key: PrivacyKey) -> Rpc<tl::account::PrivacyRules> {
    let mut peers = Peers::default();
    let rules = privacy::rules(&*cx.db, cx.me, key)?;
    let rules = render::privacy_rules(&rules, &mut peers);
    let (users, chats) = peers.render(cx.mine())?;
    Ok(types::account::PrivacyRules { rules, chats, users }.into())
}

fn rule(cx: &Writing<'_>, input: &tl::InputPrivacyRule) -> Rpc<PrivacyRule> {
    use tl::InputPrivacyRule as R;
    let (allow, whom) = match input {
        R::InputPrivacyValueAllowAll => (true, Audience::Everybody),
        R::InputPrivacyValueAllowContacts => (true, Audience::Contacts),
        R::InputPrivacyValueAllowUsers(named) => (true, named_users(cx, &named.users)?),
        R::InputPrivacyValueAllowBots => (true, Audience::Bots),
        R::InputPrivacyValueDisallowAll => (false, Audience::Everybody),
        R::InputPrivacyValueDisallowContacts => (false, Audience::Contacts),
        R::InputPrivacyValueDisallowUsers(named) => (false, named_users(cx, &named.users)?),
        R::InputPrivacyValueDisallowBots => (false, Audience::Bots),
        _ => return Err(RpcError::PRIVACY_VALUE_INVALID),
    };
    Ok(PrivacyRule { allow, whom })
}

fn named_users(cx: &Writing<'_>, named: &[tl::InputUser]) -> Rpc<Audience> {
    if named.len() > NAMED_MAX {
        return Err(RpcError::PRIVACY_TOO_LONG);
    }
    let users = named.iter().map(|user| input::user(cx, user)).collect::<Rpc<Vec<UserId>>>()?;
    Ok(Audience::Users(users))
}

fn key(input: &tl::InputPrivacyKey) -> PrivacyKey {
    use tl::InputPrivacyKey as K;
    match input {
        K::InputPrivacyKeyAbout => PrivacyKey::About,
        K::InputPrivacyKeyAddedByPhone => PrivacyKey::AddedByPhone,
        K::InputPrivacyKeyBirthday => PrivacyKey::Birthday,
        K::InputPrivacyKeyChatInvite => PrivacyKey::ChatInvite,
        K::InputPrivacyKeyForwards => PrivacyKey::Forwards,
        K::InputPrivacyKeyNoPaidMessages => PrivacyKey::NoPaidMessages,
        K::InputPrivacyKeyPhoneCall => PrivacyKey::PhoneCall,
        K::InputPrivacyKeyPhoneNumber => PrivacyKey::PhoneNumber,
        K::InputPrivacyKeyPhoneP2P => PrivacyKey::PhoneP2P,
        K::InputPrivacyKeyProfilePhoto => PrivacyKey::ProfilePhoto,
        K::InputPrivacyKeySavedMusic => PrivacyKey::SavedMusic,
        K::InputPrivacyKeyStarGiftsAutoSave => PrivacyKey::StarGiftsAutoSave,
        K::InputPrivacyKeyStatusTimestamp => PrivacyKey::StatusTimestamp,
        K::InputPrivacyKeyVoiceMessages => PrivacyKey::VoiceMessages,
    }
}

/// Rules of one thing.
const RULES_MAX: usize = 16;
/// People whom one rule names.
const NAMED_MAX: usize = 1000;
