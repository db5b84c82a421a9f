//! `users.*`: accounts by id.

mod get_full_user;
mod get_users;

#[cfg(test)]
mod tests;

use crate::rpc::route::routes;

routes! {
    users.getFullUser read UserOrBot => GetFullUser, get_full_user::get_full_user;
    users.getUsers    read UserOrBot => GetUsers, get_users::get_users;
}
