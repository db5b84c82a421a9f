//! `contacts.*`: whom one knows, whom one wants to know, and whom not.

mod add_contact;
mod block;
mod delete_contacts;
mod get_blocked;
mod get_contacts;
mod get_statuses;
mod import_contacts;
mod resolve_username;
mod search;

#[cfg(test)]
mod tests;

use crate::rpc::route::routes;

routes! {
    contacts.acceptContact   write User      => AcceptContact, add_contact::accept_contact;
    contacts.addContact      write User      => AddContact, add_contact::add_contact;
    contacts.block           write User      => Block, block::block;
    contacts.deleteContacts  write User      => DeleteContacts, delete_contacts::delete_contacts;
    contacts.getBlocked      read  User      => GetBlocked, get_blocked::get_blocked;
    contacts.getContactIDs   read  User      => GetContactIDs, get_contacts::get_contact_ids;
    contacts.getContacts     read  User      => GetContacts, get_contacts::get_contacts;
    contacts.getStatuses     read  User      => GetStatuses, get_statuses::get_statuses;
    contacts.importContacts  write User      => ImportContacts, import_contacts::import_contacts;
    contacts.resolvePhone    read  User      => ResolvePhone, resolve_username::resolve_phone;
    contacts.resolveUsername read  UserOrBot => ResolveUsername, resolve_username::resolve_username;
    contacts.search          read  User      => Search, search::search;
    contacts.unblock         write User      => Unblock, block::unblock;
}
