//! `heliogram login`: a person by phone, code and password, or a bot by its token.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use heliogram_client::session::Login as LoggedIn;
use heliogram_client::{Client, CodeStep, InvokeError, LoginStep, PasswordStep, SignUpStep};
use heliogram_tl as tl;

use super::print::{full_name, printable};
use super::via::{Outcome, connect_stranger, run};
use crate::cli::Login;

/// Logs in, and says as whom.
pub(crate) fn login(command: Login) -> Outcome<()> {
    run(async {
        let client = connect_stranger(&command.via).await?;
        let outcome = log_in(&client, &command).await;
        // Also after a failure: the key that was made need not be made again.
        client.shutdown().await?;
        outcome
    })
}

async fn log_in(client: &Client, command: &Login) -> Outcome<()> {
    if let Some(token) = &command.bot_token {
        let already = client.is_authorized().await?;
        let claimed = token.split(':').next().and_then(|id| id.parse().ok());
        if already && client.login().map(|login| login.user_id.get()) != claimed {
            return Err(taken(client, command).await?.into());
        }
        client.sign_in_bot(token.trim()).await?;
    } else if client.is_authorized().await? {
        let known = client.me().await?.phone;
        let other =
            command.phone.as_deref().is_some_and(|phone| known.as_deref() != Some(&*digits(phone)));
        if other {
            return Err(taken(client, command).await?.into());
        }
    } else {
        log_in_person(client, command).await?;
    }
    println!("{}", whom(client).await?);
    Ok(())
}

async fn log_in_person(client: &Client, command: &Login) -> Outcome<LoggedIn> {
    let phone = given_or_asked(command.phone.as_deref(), "Phone number", "--phone").await?;
    let mut step = client.login_phone(&phone).await?;
    loop {
        step = match step {
            LoginStep::Code(code) => give_code(&code, command).await?,
            LoginStep::Password(password) => {
                LoginStep::Done(give_password(&password, command).await?)
            }
            LoginStep::SignUp(name) => LoginStep::Done(give_name(&name, command).await?),
            LoginStep::Done(login) => return Ok(login),
        }
    }
}

async fn give_code(step: &CodeStep, command: &Login) -> Outcome<LoginStep> {
    if let Some(code) = &command.code {
        return Ok(step.submit(code).await?);
    }
    eprintln!("The code was sent {}.", way(step.kind()));
    for _ in 1..TRIES {
        let code = ask("Code", "--code").await?;
        match step.submit(&code).await {
            Err(error) if error.is("PHONE_CODE_INVALID") => eprintln!("That is not the code."),
            other => return Ok(other?),
        }
    }
    let code = ask("Code", "--code").await?;
    Ok(step.submit(&code).await?)
}

async fn give_password(step: &PasswordStep, command: &Login) -> Outcome<LoggedIn> {
    if let Some(password) = &command.password {
        return Ok(step.submit(password).await?);
    }
    if let Some(hint) = step.hint().filter(|hint| !hint.is_empty()) {
        eprintln!("Hint: {}", printable(hint));
    }
    for _ in 1..TRIES {
        match step.submit(&ask_password().await?).await {
            Err(error) if error.is("PASSWORD_HASH_INVALID") => {
                eprintln!("That is not the password.")
            }
            other => return Ok(other?),
        }
    }
    Ok(step.submit(&ask_password().await?).await?)
}

async fn give_name(step: &SignUpStep, command: &Login) -> Outcome<LoggedIn> {
    if command.first_name.is_none() {
        eprintln!("Nobody has this number yet: this makes an account.");
    }
    if let Some(tl::help::TermsOfService::TermsOfService(terms)) = step.terms() {
        eprintln!("{}", printable(&terms.text));
    }
    let first_name =
        given_or_asked(command.first_name.as_deref(), "First name", "--first-name").await?;
    let last_name = command.last_name.as_deref().unwrap_or_default();
    Ok(step.submit(&first_name, last_name).await?)
}

async fn taken(client: &Client, command: &Login) -> Result<String, InvokeError> {
    let whom = whom(client).await?;
    Ok(format!(
        "session {} is {whom} already; name another with --session",
        command.via.session.display()
    ))
}

/// The account in a few words.
async fn whom(client: &Client) -> Result<String, InvokeError> {
    let me = client.me().await?;
    let username = me.username.as_ref().map(|username| format!(" @{username}")).unwrap_or_default();
    Ok(format!("{}{username} ({})", printable(&full_name(&me)), me.id))
}

fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

fn way(kind: &tl::auth::SentCodeType) -> &'static str {
    use tl::auth::SentCodeType as Type;
    match kind {
        Type::SentCodeTypeApp(_) => "to your other devices, as a message",
        Type::SentCodeTypeSms(_) => "as a text message",
        Type::SentCodeTypeEmailCode(_) => "by mail",
        Type::SentCodeTypeCall(_)
        | Type::SentCodeTypeFlashCall(_)
        | Type::SentCodeTypeMissedCall(_) => "by a call",
        _ => "to you",
    }
}

async fn given_or_asked(
    given: Option<&str>,
    what: &'static str,
    flag: &'static str,
) -> Outcome<String> {
    match given {
        Some(given) => Ok(given.to_owned()),
        None => ask(what, flag).await,
    }
}

/// Asks on the terminal, or takes a line of what is piped in.
async fn ask(what: &'static str, flag: &'static str) -> Outcome<String> {
    answer(what, flag, false).await
}

async fn ask_password() -> Outcome<String> {
    answer("Password", "HELIOGRAM_PASSWORD", true).await
}

/// Waits in a thread of its own: the connection has to be kept alive meanwhile.
async fn answer(what: &'static str, flag: &'static str, secret: bool) -> Outcome<String> {
    let line = tokio::task::spawn_blocking(move || {
        if secret && std::io::stdin().is_terminal() {
            return rpassword::prompt_password(format!("{what}: "));
        }
        if std::io::stdin().is_terminal() {
            eprint!("{what}: ");
            std::io::stderr().flush()?;
        }
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        Ok(line)
    });
    let line = line.await??;
    // A password may begin or end with a space.
    let line = if secret { line.trim_end_matches(['\r', '\n']) } else { line.trim() };
    if line.is_empty() {
        return Err(format!(
            "{} is needed: answer the question, or give {flag}",
            what.to_lowercase()
        )
        .into());
    }
    Ok(line.to_owned())
}

/// How often a mistyped code or password may be typed again.
const TRIES: u32 = 3;
