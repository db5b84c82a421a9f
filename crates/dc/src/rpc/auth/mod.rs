//! `auth.*`: how a key comes to speak for an account, and how it ceases to.

mod accept_login_token;
mod answer;
mod bind_temp_auth_key;
mod cancel_code;
mod check_password;
mod drop_temp_auth_keys;
mod export_authorization;
mod export_login_token;
mod import_authorization;
mod import_bot_authorization;
mod log_out;
mod repeated;
mod resend_code;
mod reset_authorizations;
mod send_code;
mod sign_in;
mod sign_up;

#[cfg(test)]
mod tests;

use crate::rpc::route::routes;

routes! {
    auth.acceptLoginToken       write User      => AcceptLoginToken, accept_login_token::accept_login_token;
    auth.bindTempAuthKey        read  Anyone    => BindTempAuthKey, bind_temp_auth_key::bind_temp_auth_key;
    auth.cancelCode             write Anyone    => CancelCode, cancel_code::cancel_code;
    auth.checkPassword          proved Anyone   => CheckPassword, check_password::prove, check_password::check_password;
    auth.dropTempAuthKeys       read  Anyone    => DropTempAuthKeys, drop_temp_auth_keys::drop_temp_auth_keys;
    auth.exportAuthorization    write UserOrBot => ExportAuthorization, export_authorization::export_authorization;
    auth.exportLoginToken       write Anyone    => ExportLoginToken, export_login_token::export_login_token;
    auth.importAuthorization    write Anyone    => ImportAuthorization, import_authorization::import_authorization;
    auth.importBotAuthorization write Anyone    => ImportBotAuthorization, import_bot_authorization::import_bot_authorization;
    auth.importLoginToken       write Anyone    => ImportLoginToken, export_login_token::import_login_token;
    auth.logOut                 write UserOrBot => LogOut, log_out::log_out;
    auth.resendCode             write Anyone    => ResendCode, resend_code::resend_code;
    auth.resetAuthorizations    write User      => ResetAuthorizations, reset_authorizations::reset_authorizations;
    auth.sendCode               write Anyone    => SendCode, send_code::send_code;
    auth.signIn                 write Anyone    => SignIn, sign_in::sign_in;
    auth.signUp                 write Anyone    => SignUp, sign_up::sign_up;
}
