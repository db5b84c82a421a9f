//! People who come to a server by its front door: a login is all that they have in common.

use heliogram_client::{Client, ClientBuilder, LoginStep};
use heliogram_tl as tl;

use crate::soon;

/// Connects and logs in to the account of a test number, and makes it if this is the first time;
/// then it gets the username.
///
/// # Panics
/// If that does not succeed: nothing has begun yet that could excuse it.
pub async fn arrive(builder: ClientBuilder, number: usize, username: &str) -> Client {
    let client = builder.connect().await.expect("the data centre is there");
    let phone = format!("+999661{number:04}");
    let step = soon("a code", client.login_phone(&phone)).await.expect("the number is good");
    let LoginStep::Code(code) = step else { panic!("no code is asked for: {step:?}") };
    match soon("a login", code.submit("11111")).await.expect("the code is good") {
        LoginStep::Done(_) => {}
        LoginStep::SignUp(sign_up) => {
            soon("an account", sign_up.submit("Storm", "")).await.expect("the name is good");
            let request = tl::account::UpdateUsername { username: username.into() };
            soon("a username", client.invoke(&request)).await.expect("the username is free");
        }
        step @ (LoginStep::Code(_) | LoginStep::Password(_)) => {
            panic!("more is asked for: {step:?}")
        }
    }
    client
}
