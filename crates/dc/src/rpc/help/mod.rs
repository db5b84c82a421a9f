//! `help.*`: settings of the cloud, most of them asked for before a login.

mod get_app_config;
mod get_config;
mod get_nearest_dc;
mod set_bot_updates_status;

use crate::rpc::route::routes;

routes! {
    help.getAppConfig        read  Anyone => GetAppConfig, get_app_config::get_app_config;
    help.getConfig           read  Anyone => GetConfig, get_config::get_config;
    help.getNearestDc        read  Anyone => GetNearestDc, get_nearest_dc::get_nearest_dc;
    help.setBotUpdatesStatus read  Bot    => SetBotUpdatesStatus, set_bot_updates_status::set_bot_updates_status;
}
