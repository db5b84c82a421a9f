//! `account.*`: what an account says of itself, and how it is protected.

mod check_username;
mod get_account_ttl;
mod get_authorizations;
mod get_notify_settings;
mod get_password;
mod get_privacy;
mod reset_authorization;
mod reset_notify_settings;
mod reset_web_authorizations;
mod set_account_ttl;
mod set_authorization_ttl;
mod update_notify_settings;
mod update_password_settings;
mod update_profile;
mod update_status;
mod update_username;

#[cfg(test)]
mod tests;

use crate::rpc::route::routes;

routes! {
    account.checkUsername          read  User   => CheckUsername, check_username::check_username;
    account.getAccountTTL          read  User   => GetAccountTtl, get_account_ttl::get_account_ttl;
    account.getAuthorizations      read  User   => GetAuthorizations, get_authorizations::get_authorizations;
    account.getNotifySettings      read  User   => GetNotifySettings, get_notify_settings::get_notify_settings;
    account.getPassword            slow  Anyone => GetPassword, get_password::get_password;
    account.getPrivacy             read  User   => GetPrivacy, get_privacy::get_privacy;
    account.resetAuthorization     write User   => ResetAuthorization, reset_authorization::reset_authorization;
    account.resetNotifySettings    write User   => ResetNotifySettings, reset_notify_settings::reset_notify_settings;
    account.resetWebAuthorization  write User   => ResetWebAuthorization, reset_web_authorizations::reset_web_authorization;
    account.resetWebAuthorizations write User   => ResetWebAuthorizations, reset_web_authorizations::reset_web_authorizations;
    account.setAccountTTL          write User   => SetAccountTtl, set_account_ttl::set_account_ttl;
    account.setAuthorizationTTL    write User   => SetAuthorizationTtl, set_authorization_ttl::set_authorization_ttl;
    account.setPrivacy             write User   => SetPrivacy, get_privacy::set_privacy;
    account.updateNotifySettings   write User   => UpdateNotifySettings, update_notify_settings::update_notify_settings;
    account.updatePasswordSettings proved User  => UpdatePasswordSettings, update_password_settings::prove, update_password_settings::update_password_settings;
    account.updateProfile          write User   => UpdateProfile, update_profile::update_profile;
    account.updateStatus           read  User   => UpdateStatus, update_status::update_status;
    account.updateUsername         write User   => UpdateUsername, update_username::update_username;
}
