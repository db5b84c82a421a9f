//! Accounts: names and numbers lead to their owners, keys to logins, contacts both ways.

use std::collections::BTreeSet;

use heliogram_ids::Peer;
use heliogram_store::{Read as _, Snapshot, StoreError};

use super::Audit;
use crate::tables::{
    AuthKeys, ContactOf, Contacts, Logins, OwnedBots, Phones, ProfilePhotos, Usernames, Users,
};

pub(super) fn check(db: &Snapshot, audit: &mut Audit) -> Result<(), StoreError> {
    let (mut names, mut numbers, mut owned) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for row in db.range::<Users>(..) {
        let (id, user) = row?;
        names.extend(user.username.map(|name| (name.to_ascii_lowercase(), Peer::User(id))));
        numbers.extend(user.phone.map(|phone| (phone, id)));
        owned.extend(user.bot.and_then(|bot| bot.owner).map(|owner| (owner, id)));
        if let Some(photo) = user.photo {
            let mut photos = db.range::<ProfilePhotos>(heliogram_store::Prefix(id));
            if !photos.any(|row| row.is_ok_and(|((_, _, one), ())| one == photo)) {
                audit.fault(format_args!("{id:?} shows a photo that is none of its own"));
            }
        }
    }
    let written = db.range::<Usernames>(..).collect::<Result<BTreeSet<_>, _>>()?;
    audit.same(|| "usernames".into(), written, names);
    let written = db.range::<Phones>(..).collect::<Result<BTreeSet<_>, _>>()?;
    audit.same(|| "phones".into(), written, numbers);
    let written = db.range::<OwnedBots>(..).map(|row| row.map(|(key, ())| key));
    audit.same(|| "owned bots".into(), written.collect::<Result<BTreeSet<_>, _>>()?, owned);
    logins(db, audit)?;
    contacts(db, audit)
}

fn logins(db: &Snapshot, audit: &mut Audit) -> Result<(), StoreError> {
    let mut counted = BTreeSet::new();
    for row in db.range::<AuthKeys>(..) {
        let (key, row) = row?;
        counted.extend(row.user.map(|user| (user, key)));
    }
    let written = db.range::<Logins>(..).map(|row| row.map(|(key, ())| key));
    audit.same(|| "logins".into(), written.collect::<Result<BTreeSet<_>, _>>()?, counted);
    Ok(())
}

fn contacts(db: &Snapshot, audit: &mut Audit) -> Result<(), StoreError> {
    let forth = db.range::<Contacts>(..).map(|row| row.map(|((owner, one), _)| (one, owner)));
    let back = db.range::<ContactOf>(..).map(|row| row.map(|(key, ())| key));
    let forth = forth.collect::<Result<BTreeSet<_>, _>>()?;
    audit.same(|| "contacts".into(), back.collect::<Result<BTreeSet<_>, _>>()?, forth);
    Ok(())
}
