//! The bots of this server: one per token, opened by its first request.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use heliogram_ids::Timestamp;
use prometheus_client::registry::Registry;
use tokio::sync::{OnceCell, Semaphore, mpsc};

use crate::account::{self, Account};
use crate::args::Args;
use crate::error::ApiError;
use crate::generations::Generations;
use crate::meters::Meters;
use crate::methods;
use crate::options::Options;
use crate::reply::Answer;
use crate::throttle::Throttle;
use crate::token::Token;
use crate::updates::{Call, Courier, Errand, Feed, Hook};

/// Every open bot.
#[derive(Debug)]
pub struct Bots {
    options: Arc<Options>,
    open: Mutex<BTreeMap<Token, Arc<Seat>>>,
    refused: Mutex<Generations<u64, Timestamp>>,
    hasher: RandomState,
    throttle: Throttle,
    meters: Arc<Meters>,
    /// Places for those who log in.
    logins: Semaphore,
    /// Places for large texts.
    large_texts: Semaphore,
    since: Timestamp,
    /// The server is stopping: nobody waits for updates any more.
    closing: AtomicBool,
}

/// A bot's place among the open ones, taken while it logs in: others with its token wait.
type Seat = OnceCell<Arc<Bot>>;

/// One bot: its folder, its updates, its webhook.
#[derive(Debug)]
pub struct Bot {
    token: Token,
    folder: PathBuf,
    options: Arc<Options>,
    meters: Arc<Meters>,
    account: Option<Account>,
    feed: Arc<Feed>,
    delivery: Mutex<Delivery>,
    calls: mpsc::Sender<Call>,
    since: Timestamp,
    closed: AtomicBool,
    /// Held while a lost login is renewed.
    login: tokio::sync::Mutex<()>,
    downloads: [tokio::sync::Mutex<()>; DOWNLOADS_AT_ONCE],
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
/// Downloads of one bot that run side by side; two of the same file never do.
const DOWNLOADS_AT_ONCE: usize = 8;
/// How long a refused token is refused without asking.
const REFUSED_FOR: Duration = Duration::from_secs(30 * 60);
/// Refused tokens remembered, in each of two generations.
const REFUSED_MAX: usize = 8192;
/// When to come back if too many bots log in.
const BUSY_SECONDS: u32 = 5;
/// How long a bot must have been open before it may be closed.
const OPEN_MIN: Duration = Duration::from_secs(600);

impl Bots {
    /// A server's worth of bots, working in the folder that the options name.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn new(options: Options) -> io::Result<Self> {
        std::fs::create_dir_all(&options.dir)?;
        std::fs::create_dir_all(&options.temp_dir)?;
        let since = options.clock.now();
        Ok(Self {
            logins: Semaphore::new(options.limits.logins_max),
            large_texts: Semaphore::new(options.limits.large_texts_max),
            options: Arc::new(options),
            open: Mutex::default(),
            refused: Mutex::new(Generations::new(REFUSED_MAX)),
            hasher: RandomState::new(),
            throttle: Throttle::default(),
            meters: Arc::default(),
            since,
            closing: AtomicBool::new(false),
        })
    }

    /// What the server was set up with.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Has everything shown that is counted and measured here.
    pub fn register(self: &Arc<Self>, registry: &mut Registry) {
        self.meters.register(self, registry);
    }

    pub(crate) fn meters(&self) -> &Meters {
        &self.meters
    }

    /// How many bots are open, and how many updates wait for all of them and for the one that has
    /// most.
    pub(crate) fn backlog(&self) -> (usize, usize, usize) {
        let open: Vec<Arc<Bot>> =
            self.seats().values().filter_map(|seat| seat.get().cloned()).collect();
        let pending = || open.iter().map(|bot| bot.feed.pending());
        (open.len(), pending().sum(), pending().max().unwrap_or_default())
    }

    /// Places for those who bring much text.
    pub(crate) fn large_texts(&self) -> &Semaphore {
        &self.large_texts
    }

    /// Opens every bot that has a webhook, so that deliveries go on after a restart. Returns at
    /// once; a bot that cannot be opened now is opened by its next request.
    ///
    /// # Errors
    /// The working folder cannot be read.
    pub fn resume(self: &Arc<Self>) -> io::Result<()> {
        let mut tokens = Vec::new();
        for entry in std::fs::read_dir(&self.options.dir)? {
            let name = entry?.file_name();
            let Some(name) = name.to_str() else { continue };
            let (text, test) = name.strip_suffix(":T").map_or((name, false), |text| (text, true));
            let Ok(token) = Token::parse(text, test) else { continue };
            match Hook::load(&self.folder(&token)) {
                Ok((Some(_), _)) if self.serves(&token) => tokens.push(token),
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(%error, bot = token.id(), "no deliveries to a webhook")
                }
            }
        }
        let bots = Arc::clone(self);
        tokio::spawn(async move {
            for token in tokens {
                if let Err(error) = bots.open(&token, None).await {
                    tracing::warn!(%error, bot = token.id(), "a webhook's bot cannot be opened");
                }
            }
        });
        Ok(())
    }

    /// Runs one method. `method` is lower-cased.
    ///
    /// # Errors
    /// Whatever the bot is to be told.
    pub async fn call(&self, token: &Token, method: &str, args: &Args) -> Answer {
        self.call_from(None, token, method, args).await
    }

    /// As [`Bots::call`], on behalf of an address, which may open only so many bots.
    ///
    /// # Errors
    /// Whatever the bot is to be told.
    pub async fn call_from(
        &self,
        origin: Option<IpAddr>,
        token: &Token,
        method: &str,
        args: &Args,
    ) -> Answer {
        if !self.serves(token) {
            return Err(ApiError::exact(421, "Misdirected Request: unallowed token specified"));
        }
        if !token.can_log_in() {
            return Err(ApiError::unauthorized());
        }
        if method == "close" && !self.is_open(token) {
            return Err(ApiError::bad_request("the bot has already been closed"));
        }
        let bot = self.open(token, origin).await?;
        let answer = methods::call(&bot, method, args).await;
        if bot.is_closed() {
            self.seats().remove(token);
        }
        answer
    }

    /// Answers everybody who waits for updates, and lets nobody wait from now on.
    pub(crate) fn end_polls(&self) {
        self.closing.store(true, Ordering::SeqCst);
        for bot in self.seats().values().filter_map(|seat| seat.get()) {
            bot.feed.close();
        }
    }

    /// Hangs up for every bot, and writes their sessions down. Their next requests would open them
    /// again.
    pub async fn stop(&self) {
        self.end_polls();
        let seats = std::mem::take(&mut *self.seats());
        for bot in seats.values().filter_map(|seat| seat.get()) {
            bot.shut_down().await;
        }
    }

    fn serves(&self, token: &Token) -> bool {
        self.options
            .filter
            .is_none_or(|(rest, modulus)| token.id().checked_rem(modulus) == Some(rest))
    }

    pub(crate) fn folder(&self, token: &Token) -> PathBuf {
        self.options.dir.join(token.folder())
    }

    /// Whether a poll of this bot waits.
    #[cfg(test)]
    pub(crate) fn is_parked(&self, token: &Token) -> bool {
        self.seats().get(token).and_then(|seat| seat.get()).is_some_and(|bot| bot.feed.is_parked())
    }

    fn is_open(&self, token: &Token) -> bool {
        self.seats().get(token).is_some_and(|seat| seat.initialized())
    }

    /// The bot, logged in by whoever comes first.
    async fn open(&self, token: &Token, origin: Option<IpAddr>) -> Result<Arc<Bot>, ApiError> {
        let seat = self.seat(token)?;
        let opened = seat.get_or_try_init(|| self.admit(token, origin)).await;
        let opened = match opened {
            Ok(bot) => bot.log_in_if_lost().await.map(|()| Arc::clone(bot)),
            Err(error) => Err(error),
        };
        if let Err(error) = &opened {
            if error.code == 401 {
                let now = self.options.clock.now();
                self.refused().insert(self.hasher.hash_one(token), now);
            }
            self.vacate(token, &seat);
        }
        opened
    }

    /// Gives a seat up, unless somebody has found a bot for it by now that is logged in.
    fn vacate(&self, token: &Token, seat: &Arc<Seat>) {
        let mut seats = self.seats();
        let taken = seat.get().is_some_and(|bot| !bot.is_lost());
        if !taken && seats.get(token).is_some_and(|own| Arc::ptr_eq(own, seat)) {
            seats.remove(token);
        }
    }

    fn seat(&self, token: &Token) -> Result<Arc<Seat>, ApiError> {
        let mut seats = self.seats();
        if let Some(seat) = seats.get(token) {
            return Ok(Arc::clone(seat));
        }
        if seats.len() >= self.options.limits.bots_max {
            return Err(ApiError::too_many_requests(60));
        }
        let seat = Arc::new(Seat::new());
        seats.insert(token.clone(), Arc::clone(&seat));
        Ok(seat)
    }

    async fn admit(&self, token: &Token, origin: Option<IpAddr>) -> Result<Arc<Bot>, ApiError> {
        let now = self.options.clock.now();
        if self.was_refused(token) || !self.is_vouched_for(token) {
            return Err(ApiError::unauthorized());
        }
        // Each costs a key, and a server elsewhere may be slow to say no.
        let place = self.logins.try_acquire();
        let _place = place.map_err(|_| ApiError::too_many_requests(BUSY_SECONDS))?;
        if let Some(origin) = origin {
            self.throttle.admit(origin, now).map_err(ApiError::too_many_requests)?;
        }
        let folder = self.folder(token);
        note_missing(&folder);
        let account = match &self.options.upstream {
            Some(upstream) => Some(account::log_in(upstream.builder(), token, &folder).await?),
            None => None,
        };
        let since = if now.saturating_since(self.since) < OPEN_MIN { self.since } else { now };
        let (options, meters) = (Arc::clone(&self.options), Arc::clone(&self.meters));
        let bot = Bot::open(token.clone(), folder, options, meters, account, since);
        let bot = bot.map_err(|error| disk(&error))?;
        if self.closing.load(Ordering::SeqCst) {
            bot.feed.close();
        }
        bot.pump()?;
        Ok(bot)
    }

    /// Whether a token may be a bot's: worth it to keep what a request brings.
    pub(crate) fn may_know(&self, token: &Token) -> bool {
        self.is_open(token)
            || (token.can_log_in() && !self.was_refused(token) && self.is_vouched_for(token))
    }

    fn was_refused(&self, token: &Token) -> bool {
        let refused = self.refused().get(self.hasher.hash_one(token)).copied();
        refused.is_some_and(|since| self.options.clock.now().saturating_since(since) < REFUSED_FOR)
    }

    /// Whether the data centre does not say at once that there is no such bot.
    fn is_vouched_for(&self, token: &Token) -> bool {
        let upstream = self.options.upstream.as_ref();
        upstream.is_none_or(|upstream| upstream.may_know(token.secret_text()))
    }

    fn seats(&self) -> MutexGuard<'_, BTreeMap<Token, Arc<Seat>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refused(&self) -> MutexGuard<'_, Generations<u64, Timestamp>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says which of a bot's files is gone: each would be begun anew without a word.
fn note_missing(folder: &Path) {
    let [session, queue] = ["session", "updates.log"].map(|name| folder.join(name));
    match (session.exists(), queue.exists()) {
        (true, false) => {
            tracing::error!(path = %queue.display(), "is missing: updates that waited are lost");
        }
        (false, true) => {
            tracing::error!(path = %session.display(), "is missing: the bot logs in anew");
        }
        _ => {}
    }
}

impl Bot {
    fn open(
        token: Token,
        folder: PathBuf,
        options: Arc<Options>,
        meters: Arc<Meters>,
        account: Option<Account>,
        since: Timestamp,
    ) -> io::Result<Arc<Self>> {
        std::fs::create_dir_all(&folder)?;
        let (hook, allowed) = Hook::load(&folder)?;
        let feed =
            Arc::new(Feed::open(&folder, allowed, options.clock.now(), options.entropy.clone())?);
        let (calls, inbox) = mpsc::channel(CALLS_MAX);
        let delivery = Mutex::default();
        let bot = Arc::new(Self {
            token,
            folder,
            options,
            meters,
            account,
            feed,
            delivery,
            calls,
            since,
            closed: AtomicBool::new(false),
            login: tokio::sync::Mutex::default(),
            downloads: Default::default(),
        });
        tokio::spawn(run_calls(Arc::downgrade(&bot), inbox));
        if let Some(hook) = hook {
            bot.deliver_to(Some(hook));
        }
        Ok(bot)
    }

    /// The bot's account at the data centre.
    ///
    /// # Errors
    /// 502 on a server without an upstream.
    pub(crate) fn account(&self) -> Result<&Account, ApiError> {
        self.account.as_ref().ok_or_else(|| ApiError::exact(502, "Bad Gateway"))
    }

    /// Begins to receive updates.
    fn pump(self: &Arc<Self>) -> Result<(), ApiError> {
        if let Some(account) = &self.account {
            tokio::spawn(account::pump(Arc::downgrade(self), account.updates()?));
        }
        Ok(())
    }

    /// Logs in anew after the data centre has ended the login.
    async fn log_in_if_lost(self: &Arc<Self>) -> Result<(), ApiError> {
        let Some(account) = self.account.as_ref().filter(|account| account.is_lost()) else {
            return Ok(());
        };
        let _turn = self.login.lock().await;
        if account.is_lost() {
            account.log_in_again(&self.token).await?;
            self.pump()?;
        }
        Ok(())
    }

    fn is_lost(&self) -> bool {
        self.account.as_ref().is_some_and(Account::is_lost)
    }

    /// Shuts the bot down and keeps its session, so that its folder can be moved elsewhere.
    ///
    /// # Errors
    /// 429 while the bot is younger than ten minutes, unless the server is as young.
    pub(crate) async fn close(&self, now: Timestamp) -> Result<(), ApiError> {
        let age = now.saturating_since(self.since);
        if age < OPEN_MIN {
            let left = (OPEN_MIN - age).as_secs().max(1);
            return Err(ApiError::too_many_requests(u32::try_from(left).unwrap_or(u32::MAX)));
        }
        self.shut_down().await;
        Ok(())
    }

    /// Ends the login, and forgets updates and webhook.
    ///
    /// # Errors
    /// The data centre could not be told.
    pub(crate) async fn log_out(&self) -> Result<(), ApiError> {
        self.account()?.log_out().await?;
        self.feed.clear().map_err(|error| disk(&error))?;
        self.deliver_to(None);
        self.store_hook(None)?;
        self.shut_down().await;
        Ok(())
    }

    async fn shut_down(&self) {
        self.deliver_to(None);
        if let Some(account) = &self.account
            && let Err(error) = account.client().shutdown().await
        {
            tracing::warn!(%error, "a session is not written down");
        }
        self.closed.store(true, Ordering::Relaxed);
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Waits for its turn to download what `name` stands for.
    pub(crate) async fn download_turn(&self, name: &str) -> tokio::sync::MutexGuard<'_, ()> {
        let sum: usize = name.bytes().map(usize::from).sum();
        self.downloads[sum % DOWNLOADS_AT_ONCE].lock().await
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

    /// What time it is.
    pub(crate) fn now(&self) -> Timestamp {
        self.options.clock.now()
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
                meters: Arc::clone(&self.meters),
                clock: self.options.clock.clone(),
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

    fn delivery(&self) -> MutexGuard<'_, Delivery> {
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
