//! Guessing, and asking again and again for what is given to those who do not guess.

use std::io;

use heliogram_crypto::{Random as _, srp};
use heliogram_net::OsRandom;
use heliogram_tl as tl;

use crate::field::{Field, Source};
use crate::raider::{Outcome, Raider};

/// Guessers, each of an address of their own.
const MANY: usize = 40;

/// Notes what somebody was told: the error, without its number.
fn note<T>(field: &Field, outcome: &Outcome<T>, success: &str) {
    match outcome {
        Ok(_) => field.tally.got(success),
        Err(error) => field.tally.got(error.trim_end_matches(|c: char| c.is_ascii_digit())),
    }
}

fn send_code(phone: &str) -> tl::auth::SendCode {
    tl::auth::SendCode {
        phone_number: phone.into(),
        api_id: 1,
        api_hash: "hash".into(),
        settings: tl::types::CodeSettings::default().into(),
    }
}

/// Codes for ever new numbers.
pub(super) async fn half_logins(field: Field) -> io::Result<()> {
    field
        .swarm(MANY, |field: Field, number| async move {
            let mut raider = Raider::arrive(&field, Source::of_many(number)).await?;
            while !field.is_over() {
                let phone = format!("88{:010}", OsRandom.below(10_000_000_000));
                field.tally.tried();
                let outcome = raider.ask(&send_code(&phone)).await?;
                note(&field, &outcome, "a code was sent");
            }
            Ok(())
        })
        .await;
    Ok(())
}

/// Tokens that are to be shown as pictures.
pub(super) async fn login_tokens(field: Field) -> io::Result<()> {
    field
        .swarm(MANY, |field: Field, number| async move {
            let mut raider = Raider::arrive(&field, Source::of_many(number)).await?;
            let request = tl::auth::ExportLoginToken {
                api_id: 1,
                api_hash: "hash".into(),
                except_ids: Vec::new(),
            };
            while !field.is_over() {
                field.tally.tried();
                let outcome = raider.ask(&request).await?;
                note(&field, &outcome, "a token");
            }
            Ok(())
        })
        .await;
    Ok(())
}

/// Codes of an account that has not asked for one.
pub(super) async fn codes(field: Field) -> io::Result<()> {
    field
        .swarm(MANY, |field: Field, number| async move {
            let mut raider = Raider::arrive(&field, Source::of_many(number)).await?;
            let phone = field.victim.0.clone();
            let mut hash = tl::Str::from("0123456789abcdef");
            while !field.is_over() {
                let sent = raider.ask(&send_code(&phone)).await?;
                note(&field, &sent, "a code was sent");
                if let Ok(tl::auth::SentCode::SentCode(sent)) = sent {
                    hash = sent.phone_code_hash;
                }
                for _ in 0..8 {
                    let request = tl::auth::SignIn {
                        phone_number: phone.as_str().into(),
                        phone_code_hash: hash.clone(),
                        phone_code: Some(format!("{:05}", OsRandom.below(100_000)).as_str().into()),
                        email_verification: None,
                    };
                    field.tally.tried();
                    let outcome = raider.ask(&request).await?;
                    note(&field, &outcome, "IN");
                }
            }
            Ok(())
        })
        .await;
    must_not(&field, "IN")
}

/// Tokens of a bot that exists.
pub(super) async fn bot_tokens(field: Field) -> io::Result<()> {
    let id = field.token.split(':').next().unwrap_or_default().to_owned();
    field
        .swarm(MANY, move |field: Field, number| {
            let id = id.clone();
            async move {
                let mut raider = Raider::arrive(&field, Source::of_many(number)).await?;
                while !field.is_over() {
                    let token = format!("{id}:AA{:033}", OsRandom.u64());
                    let request = tl::auth::ImportBotAuthorization {
                        flags: 0,
                        api_id: 1,
                        api_hash: "hash".into(),
                        bot_auth_token: token.as_str().into(),
                    };
                    field.tally.tried();
                    let outcome = raider.ask(&request).await?;
                    note(&field, &outcome, "IN");
                }
                Ok(())
            }
        })
        .await;
    must_not(&field, "IN")
}

/// Usernames one after the other: strangers are told nothing, so this takes an account. In
/// production there is none to be had without a code, so it is tried without.
pub(super) async fn usernames(field: Field) -> io::Result<()> {
    field
        .swarm(MANY, |field: Field, number| async move {
            let mut raider = Raider::arrive(&field, Source::of_many(number)).await?;
            while !field.is_over() {
                let username = format!("honest_{:04}", OsRandom.below(10_000));
                let request = tl::contacts::ResolveUsername {
                    username: username.as_str().into(),
                    referer: None,
                };
                field.tally.tried();
                let outcome = raider.ask(&request).await?;
                note(&field, &outcome, "somebody was found");
            }
            Ok(())
        })
        .await;
    must_not(&field, "somebody was found")
}

/// The password of an account whose code is known: ten guesses, and then a long wait.
pub(super) async fn passwords(field: Field) -> io::Result<()> {
    let mut owner = Raider::arrive(&field, Source::ONE).await?;
    owner.log_in(PROTECTED).await?;
    protect(&mut owner).await?;
    field
        .swarm(MANY, |field: Field, number| async move {
            let mut raider = Raider::arrive(&field, Source::of_many(number)).await?;
            // The code alone is not enough.
            let _ = raider.log_in(PROTECTED).await;
            while !field.is_over() {
                field.tally.tried();
                let outcome = raider.ask(&tl::account::GetPassword {}).await?;
                note(&field, &outcome, "a challenge");
                let Ok(tl::account::Password::Password(asked)) = outcome else { continue };
                let proof = tl::types::InputCheckPasswordSrp {
                    srp_id: asked.srp_id.unwrap_or_default(),
                    a: OsRandom.bytes::<256>().to_vec().into(),
                    m1: OsRandom.bytes::<32>().to_vec().into(),
                };
                let request = tl::auth::CheckPassword { password: proof.into() };
                field.tally.tried();
                let outcome = raider.ask(&request).await?;
                note(&field, &outcome, "IN");
            }
            Ok(())
        })
        .await;
    must_not(&field, "IN")
}

/// Sets a password.
async fn protect(owner: &mut Raider) -> io::Result<()> {
    let failed = |what: &str| io::Error::other(what.to_owned());
    let asked = owner.ask(&tl::account::GetPassword {}).await?;
    let tl::account::Password::Password(asked) = asked.map_err(io::Error::other)?;
    let tl::PasswordKdfAlgo::PasswordKdfAlgoSha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow(
        mut algo,
    ) = asked.new_algo
    else {
        return Err(failed("not the algorithm of today"));
    };
    let salt1 = [&algo.salt1[..], &OsRandom.bytes::<32>()].concat();
    algo.salt1 = salt1.clone().into();
    let p = algo.p.as_ref().try_into().map_err(|_| failed("not the prime of today"))?;
    let params = srp::Params { salt1, salt2: algo.salt2.to_vec(), g: algo.g, p };
    let verifier = srp::verifier("correct horse", &params).map_err(|_| failed("no verifier"))?;
    let algo =
        tl::PasswordKdfAlgo::PasswordKdfAlgoSha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow(
            algo,
        );
    let settings = tl::types::account::PasswordInputSettings {
        new_algo: Some(algo),
        new_password_hash: Some(verifier.to_vec().into()),
        hint: Some("".into()),
        ..Default::default()
    };
    let request = tl::account::UpdatePasswordSettings {
        password: tl::InputCheckPasswordSrp::InputCheckPasswordEmpty,
        new_settings: settings.into(),
    };
    owner.ask(&request).await?.map(drop).map_err(io::Error::other)
}

/// Number of the account with a password.
const PROTECTED: usize = 9000;

fn must_not(field: &Field, success: &str) -> io::Result<()> {
    match field.tally.all().get(success) {
        None => Ok(()),
        Some(count) => Err(io::Error::other(format!("{success}: {count} times"))),
    }
}
