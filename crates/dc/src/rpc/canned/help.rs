//! News of the application, terms, languages and countries: a cloud of one's own has none.

use heliogram_tl as tl;
use heliogram_tl::types;
use tl::{help as request, langpack};

use super::answer::answers;
use crate::cx::Cx;
use crate::error::{Rpc, RpcError};

answers! {
    /// There are no terms to accept.
    accept_terms_of_service: request::AcceptTermsOfService = true;
    /// Nothing is suggested.
    dismiss_suggestion: request::DismissSuggestion = true;
    /// Clients are not distributed here.
    app_update: request::GetAppUpdate = tl::help::AppUpdate::NoAppUpdate;
    /// There is no CDN.
    cdn_config: request::GetCdnConfig = types::CdnConfig::default().into();
    /// Without a list, clients let the whole number be typed.
    countries_list: request::GetCountriesList = types::help::CountriesList::default().into();
    /// No link has a meaning that clients do not know.
    deep_link_info: request::GetDeepLinkInfo = tl::help::DeepLinkInfo::DeepLinkInfoEmpty;
    /// Clients have colours of their own for names.
    peer_colors: request::GetPeerColors = types::help::PeerColors::default().into();
    /// See there.
    peer_profile_colors: request::GetPeerProfileColors = types::help::PeerColors::default().into();
    /// Nothing is sold.
    premium_promo: request::GetPremiumPromo = types::help::PremiumPromo::default().into();
    /// Nothing is promoted.
    hide_promo_data: request::HidePromoData = true;
    /// Links that were opened are not remembered.
    recent_me_urls: request::GetRecentMeUrls = types::help::RecentMeUrls::default().into();
    /// There is nobody to ask for help.
    support_name: request::GetSupportName = types::help::SupportName::default().into();
    /// And nobody who would write down what they learnt of somebody.
    user_info: request::GetUserInfo = tl::help::UserInfo::UserInfoEmpty;
    /// The client has words of its own.
    invite_text: request::GetInviteText = types::help::InviteText::default().into();
    /// Zones matter for business hours, of which there are none.
    timezones_list: request::GetTimezonesList = types::help::TimezonesList::default().into();
    /// Nobody reads what clients tell of themselves.
    save_app_log: request::SaveAppLog = true;
    /// Clients speak the languages they bring along.
    languages: langpack::GetLanguages = Vec::new();
    /// See there.
    strings: langpack::GetStrings = Vec::new();
}

/// Nothing is promoted; asked again in an hour.
pub(super) fn promo_data<D, M>(
    cx: &mut Cx<'_, D, M>,
    _: request::GetPromoData,
) -> Rpc<tl::help::PromoData> {
    Ok(types::help::PromoDataEmpty { expires: in_an_hour(cx) }.into())
}

/// There are no terms; asked again in an hour.
pub(super) fn terms_of_service_update<D, M>(
    cx: &mut Cx<'_, D, M>,
    _: request::GetTermsOfServiceUpdate,
) -> Rpc<tl::help::TermsOfServiceUpdate> {
    Ok(types::help::TermsOfServiceUpdateEmpty { expires: in_an_hour(cx) }.into())
}

fn in_an_hour<D, M>(cx: &Cx<'_, D, M>) -> i32 {
    cx.now.unix().saturating_add(3600)
}

/// No string differs from those that clients bring along.
pub(super) fn lang_pack<D, M>(
    _: &mut Cx<'_, D, M>,
    req: langpack::GetLangPack,
) -> Rpc<tl::LangPackDifference> {
    Ok(types::LangPackDifference { lang_code: req.lang_code, ..Default::default() }.into())
}

/// Nothing has changed since.
pub(super) fn lang_difference<D, M>(
    _: &mut Cx<'_, D, M>,
    req: langpack::GetDifference,
) -> Rpc<tl::LangPackDifference> {
    Ok(types::LangPackDifference {
        lang_code: req.lang_code,
        from_version: req.from_version,
        version: req.from_version,
        strings: Vec::new(),
    }
    .into())
}

/// `langpack.getLanguage`: clients bring their languages along.
///
/// # Errors
/// `LANG_CODE_NOT_SUPPORTED`.
pub(super) fn language<D, M>(
    _: &mut Cx<'_, D, M>,
    _: langpack::GetLanguage,
) -> Rpc<tl::LangPackLanguage> {
    Err(RpcError::LANG_CODE_NOT_SUPPORTED)
}
