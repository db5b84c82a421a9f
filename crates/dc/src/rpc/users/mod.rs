//! `users.*`: accounts by id.

mod get_users;

use crate::rpc::route::routes;

routes! {
    users.getUsers read UserOrBot => GetUsers, get_users::get_users;
}
