//! The bots of this server: one per token, opened by its first request.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use heliogram_ids::Timestamp;
use tokio::sync::mpsc;

use crate::args::Args;
use crate::clock;
use crate::error::ApiError;
use crate::methods;
use crate::options::Options;
use crate::reply::Answer;
use crate::token::Token;
use crate::updates::{Call, Courier, Errand, Feed, Hook};

/// Every open bot.
#[derive(Debug)]
pub struct Bots {
    options: Arc<Options>,
    open: Mutex<HashMap<Token, Arc<Bot>>>,
}

/// One bot: its folder, its updates, its webhook.
#[derive(Debug)]
pub struct Bot {
    token: Token,
    folder: PathBuf,
    options: Arc<Options>,
    feed: Arc<Feed>,
    delivery: Mutex<Delivery>,
    calls: mpsc::Sender<Call>,
}

/// The webhook as it is set, and whoever delivers to it.
#[derive(Debug, Default)]
struct Delivery {
    hook: Option<Hook>,
    courier: Option<Courier>,
    last_set: Option<Timestamp>,
}

/// Calls made through webhook answers that may wait; more push back on the webhook.
const CALLS_MAX: usize = 64;

impl Bots {
    /// A server's worth of bots, working in the folder that the options name.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn new(options: Options) -> io::Result<Self> {
        std::fs::create_dir_all(&options.dir)?;
        std::fs::create_dir_all(&options.temp_dir)?;
        Ok(Self { options: Arc::new(options), open: Mutex::default() })
    }

    /// What the server was set up with.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Opens every bot that has a webhook, so that deliveries go on after a restart.
    ///
    /// # Errors
    /// The working folder cannot be read.
    pub fn resume(&self) -> io::Result<()> {
        for entry in std::fs::read_dir(&self.options.dir)? {
            let name = entry?.file_name();
            let Some(name) = name.to_str() else { continue };
            let (text, test) = name.strip_suffix(":T").map_or((name, false), |text| (text, true));
            let Ok(token) = Token::parse(text, test) else { continue };
            if self.serves(&token) && matches!(Hook::load(&self.folder(&token)), Ok((Some(_), _))) {
                self.open(&token).map_err(io::Error::other)?;
            }
        }
        Ok(())
    }

    /// Runs one method. `method` is lower-cased.
    ///
    /// # Errors
    /// Whatever the bot is to be told.
    pub async fn call(&self, token: &Token, method: &str, args: &Args) -> Answer {
        if !self.serves(token) {
            return Err(ApiError::exact(421, "Misdirected Request: unallowed token specified"));
        }
        if !token.can_log_in() {
            return Err(ApiError::unauthorized());
        }
        let bot = self.open(token)?;
        methods::call(&bot, method, args).await
    }

    fn serves(&self, token: &Token) -> bool {
        self.options
            .filter
            .is_none_or(|(rest, modulus)| token.id().checked_rem(modulus) == Some(rest))
    }

    pub(crate) fn folder(&self, token: &Token) -> PathBuf {
        self.options.dir.join(token.folder())
    }

    fn open(&self, token: &Token) -> Result<Arc<Bot>, ApiError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bot) = open.get(token) {
            return Ok(Arc::clone(bot));
        }
        let bot = Bot::open(token.clone(), self.folder(token), Arc::clone(&self.options))
            .map_err(|error| disk(&error))?;
        open.insert(token.clone(), Arc::clone(&bot));
        Ok(bot)
    }
}

impl Bot {
    fn open(token: Token, folder: PathBuf, options: Arc<Options>) -> io::Result<Arc<Self>> {
        std::fs::create_dir_all(&folder)?;
        let (hook, allowed) = Hook::load(&folder)?;
        let feed = Arc::new(Feed::open(&folder, allowed, clock::now())?);
        let (calls, inbox) = mpsc::channel(CALLS_MAX);
        let delivery = Mutex::default();
        let bot = Arc::new(Self { token, folder, options, feed, delivery, calls });
        tokio::spawn(run_calls(Arc::downgrade(&bot), inbox));
        if let Some(hook) = hook {
            bot.deliver_to(Some(hook));
        }
        Ok(bot)
    }

    /// The bot's token.
    pub const fn token(&self) -> &Token {
        &self.token
    }

    /// The bot's folder: its queue, its session, its downloads.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The server's options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The bot's updates: whoever receives them from the data centre pushes them here.
    pub const fn feed(&self) -> &Arc<Feed> {
        &self.feed
    }

    pub(crate) fn hook(&self) -> Option<Hook> {
        self.delivery().hook.clone()
    }

    pub(crate) fn health(&self) -> Option<crate::updates::Health> {
        self.delivery().courier.as_ref().map(Courier::health)
    }

    /// Whether a webhook may be set now: once a second.
    pub(crate) fn may_set_hook(&self, now: Timestamp) -> bool {
        let mut delivery = self.delivery();
        let recent = delivery
            .last_set
            .is_some_and(|last| now.saturating_since(last) < Duration::from_secs(1));
        delivery.last_set = Some(now);
        !recent
    }

    /// Ends the delivery there is and begins another. Does not touch the disk.
    pub(crate) fn deliver_to(&self, hook: Option<Hook>) {
        let courier = hook.clone().map(|hook| {
            Courier::start(Errand {
                feed: Arc::clone(&self.feed),
                hook,
                folder: self.folder.clone(),
                local: self.options.local,
                proxy: self.options.proxy.clone(),
                calls: self.calls.clone(),
                clock: clock::now,
            })
        });
        let mut delivery = self.delivery();
        delivery.courier = courier;
        delivery.hook = hook;
    }

    /// Writes the webhook and the wish list to the bot's folder.
    pub(crate) fn store_hook(&self, hook: Option<&Hook>) -> Result<(), ApiError> {
        Hook::store(hook, self.feed.allowed(), &self.folder).map_err(|error| disk(&error))
    }

    fn delivery(&self) -> std::sync::MutexGuard<'_, Delivery> {
        self.delivery.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs what webhook answers ask for, as long as the bot lives.
async fn run_calls(bot: std::sync::Weak<Bot>, mut inbox: mpsc::Receiver<Call>) {
    while let Some(call) = inbox.recv().await {
        let Some(bot) = bot.upgrade() else { return };
        match call {
            Call::Method { method, args } => {
                if let Err(error) = methods::call(&bot, &method, &args).await {
                    tracing::debug!(%error, method, "a webhook's answer asked for this in vain");
                }
            }
            Call::Gone => {
                tracing::warn!(bot = bot.token.id(), "a webhook has been gone for a day");
                bot.deliver_to(None);
                if let Err(error) = bot.store_hook(None) {
                    tracing::error!(%error, "a webhook cannot be removed");
                }
            }
        }
    }
}

/// Our disk failed: a log line for the operator, a plain word for the bot.
pub(crate) fn disk(error: &io::Error) -> ApiError {
    tracing::error!(%error, "the bot's folder cannot be used");
    ApiError::exact(500, "Internal Server Error: failed to access the working directory")
}
