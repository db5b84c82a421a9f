//! Who is there.

use std::sync::atomic::{AtomicI64, Ordering};

use heliogram_client::Client;
use heliogram_dc::NewBot;
use heliogram_ids::UserId;

use crate::{Person, World, soon};

/// The people around one account, and its bot.
#[derive(Debug)]
pub struct Cast {
    /// Whose account it is.
    pub alice: Person,
    /// Whom she talks with.
    pub bob: Person,
    /// Whom she has blocked.
    pub carol: Person,
    /// Her bot.
    pub bot: Person,
    /// By which the bot logs in.
    pub bot_token: String,
    random_id: AtomicI64,
}

impl Cast {
    /// Brings them into the world; nobody has said anything yet.
    pub async fn of(world: &World) -> Self {
        let alice = world.person("Alice").await;
        let username = "helper_of_alice_bot".to_owned();
        let bot = NewBot {
            name: "Helper".to_owned(),
            username: username.clone(),
            owner_phone: alice.phone.clone(),
        };
        let bot_token = world.server().new_bot(bot).expect("the name is free");
        let client: Client = world.client().connect().await.expect("the data centre is there");
        let login = soon("a bot's login", client.sign_in_bot(&bot_token)).await;
        let id: UserId = login.expect("the token is good").user_id;
        Self {
            alice,
            bob: world.person("Bob").await,
            carol: world.person("Carol").await,
            bot: Person { client, id, phone: String::new(), username },
            bot_token,
            random_id: AtomicI64::new(1),
        }
    }

    /// A number that no post has had yet.
    pub(crate) fn random_id(&self) -> i64 {
        self.random_id.fetch_add(1, Ordering::Relaxed)
    }
}
