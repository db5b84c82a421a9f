//! Which data centre a login, a bot or a file is sent to.

use std::sync::Arc;

use heliogram_ids::{DcId, FileId, UserId};
use heliogram_store::{BlobId, Read as _};
use heliogram_tl as tl;

use crate::config::FurtherDc;
use crate::domain::access::Target;
use crate::domain::{service, users};
use crate::error::RpcError;
use crate::fixture::Fixture;
use crate::record::DocumentRow;
use crate::tables::{Documents, Users};

fn dc(id: i32) -> DcId {
    DcId::new(id).expect("a number of a data centre")
}

/// A cloud that answers for 2 and 4.
fn cloud() -> Fixture {
    let mut cloud = Fixture::new();
    let world = Arc::get_mut(&mut cloud.world).expect("the only holder");
    let addresses = vec![([127, 0, 0, 1], 7701).into()];
    world.config.further = vec![FurtherDc { id: dc(4), addresses }];
    let now = cloud.now;
    cloud.write(move |txn| service::install(txn, now)).expect("service accounts");
    cloud
}

fn settle(cloud: &mut Fixture, user: UserId, home: i32) {
    let settled = cloud.write(move |txn| {
        let mut row = txn.get::<Users>(&user)?.expect("the account exists");
        row.home = Some(dc(home));
        txn.put::<Users>(&user, &row)
    });
    settled.expect("rows can be written");
}

fn phone(cloud: &Fixture, user: UserId) -> String {
    let row = cloud.store.read(|db| users::find(db, user)).expect("rows can be read");
    row.and_then(|row| row.phone).expect("a person has a number")
}

/// What somebody who dials a data centre with a number is told.
fn send_code(cloud: &mut Fixture, dialled: i32, phone: &str) -> Result<(), RpcError> {
    cloud.dc = Some(dc(dialled));
    let request = tl::auth::SendCode {
        phone_number: phone.into(),
        api_id: 1,
        api_hash: "hash".into(),
        settings: tl::types::CodeSettings::default().into(),
    };
    cloud.call_stranger(request).map(drop)
}

#[test]
fn a_number_is_sent_home_to_log_in() {
    let mut cloud = cloud();
    let alice = cloud.person("Alice");
    settle(&mut cloud, alice, 4);
    let number = phone(&cloud, alice);
    assert_eq!(send_code(&mut cloud, 2, &number), Err(RpcError::phone_migrate(dc(4))));
    assert_eq!(send_code(&mut cloud, 4, &number), Ok(()));
    assert_eq!(send_code(&mut cloud, 4, "9996617777"), Err(RpcError::phone_migrate(dc(2))));
    assert_eq!(send_code(&mut cloud, 2, "9996617777"), Ok(()));
}

#[test]
fn a_home_that_is_no_more_binds_nobody() {
    let mut cloud = cloud();
    let alice = cloud.person("Alice");
    settle(&mut cloud, alice, 3);
    let number = phone(&cloud, alice);
    assert_eq!(send_code(&mut cloud, 2, &number), Ok(()));
    assert_eq!(send_code(&mut cloud, 4, &number).map_err(|error| error.code()), Err(303));
}

#[test]
fn a_bot_is_sent_home_to_log_in() {
    let mut cloud = cloud();
    let alice = cloud.person("Alice");
    let bot = cloud.bot("helper_bot", alice);
    settle(&mut cloud, bot, 4);
    cloud.key(1);
    let request = tl::auth::ImportBotAuthorization {
        api_id: 1,
        bot_auth_token: format!("{bot}:{}", "A".repeat(35)).into(),
        ..Default::default()
    };
    cloud.dc = Some(dc(2));
    let refused = cloud.call_stranger(request.clone()).expect_err("it lives elsewhere");
    assert_eq!((refused.code(), &*refused.text()), (303, "USER_MIGRATE_4"));
    for near in [Some(dc(4)), None] {
        cloud.dc = near;
        assert!(cloud.call_stranger(request.clone()).is_ok());
    }
}

#[test]
fn a_file_is_had_where_it_lies() {
    let mut cloud = cloud();
    let alice = cloud.person("Alice");
    let blob: BlobId = cloud.world.blobs.put(b"words").expect("memory does not fail");
    let file = FileId(9);
    let row = DocumentRow {
        date: 1,
        mime_type: "text/plain".to_owned(),
        blob,
        attributes: Vec::new(),
        thumbs: Vec::new(),
        uploader: alice,
        stripped: None,
        dc: Some(dc(4)),
    };
    cloud.write(move |txn| txn.put::<Documents>(&file, &row)).expect("rows can be written");
    let access = &cloud.world.access;
    let location = tl::types::InputDocumentFileLocation {
        id: file.get(),
        access_hash: access.hash(alice, Target::Document(file)).get(),
        file_reference: access.reference(alice, Target::Document(file)).into(),
        thumb_size: tl::Str::new(),
    };
    let request = tl::upload::GetFile {
        location: location.into(),
        offset: 0,
        limit: 4096,
        ..Default::default()
    };
    cloud.dc = Some(dc(2));
    let refused = cloud.call(alice, request.clone());
    assert_eq!(refused, Err(RpcError::file_migrate(dc(4))));
    cloud.dc = Some(dc(4));
    assert!(cloud.call(alice, request).is_ok());
}

#[test]
fn the_configuration_names_all_and_the_one_that_was_dialled() {
    let mut cloud = cloud();
    for dialled in [2, 4] {
        cloud.dc = Some(dc(dialled));
        let tl::Config::Config(config) =
            cloud.call_stranger(tl::help::GetConfig {}).expect("anybody may ask");
        assert_eq!(config.this_dc, dialled);
        let options = config.dc_options.iter().map(|option| {
            let tl::DcOption::DcOption(option) = option;
            (option.id, option.port)
        });
        assert_eq!(options.collect::<Vec<_>>(), [(2, 7700), (4, 7701)]);
    }
}
