//! What can be said on the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::bot_api_flags::BotApiFlags;
use crate::dc_listen::DcListen;
use crate::proxy::ProxyFlags;
use crate::proxy_link::ProxyLink;

/// A Telegram-compatible cloud, Bot API server and client.
#[derive(Debug, Parser)]
#[command(version, about)]
pub(crate) struct Cli {
    /// What is logged, as a filter of modules and levels: info, debug, heliogram_dc=trace.
    #[arg(
        long,
        global = true,
        env = "HELIOGRAM_LOG",
        default_value = "warn,heliogram=info,heliogram_dc=info,heliogram_botapi=info"
    )]
    pub(crate) log: String,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the data centre and the Bot API server.
    Up(Up),
    /// Make people's accounts.
    User(User),
    /// Make bots.
    Bot(Bot),
    /// Copy everything to a backup folder, while the cloud runs or not.
    Backup(Backup),
    /// Bring a backup back to an empty directory.
    Restore(Restore),
    /// Read everything in a directory on which nothing runs, and say what is damaged.
    Check(Check),
    /// Print a snippet that connects a stock client to this cloud.
    Connect(Connect),
    /// Log in to a data centre, as a person or as a bot.
    Login(Login),
    /// Send a text.
    Send(Send),
    /// Print the last messages of a chat.
    Read(Read),
    /// Send a file.
    Upload(Upload),
    /// Save the file of a message.
    Download(Download),
    /// Print which methods are answered, as one JSON object.
    #[command(hide = true)]
    Methods(Methods),
}

#[derive(Args, Debug)]
pub(crate) struct Methods {
    /// Those of the Bot API.
    #[arg(long)]
    pub(crate) bot_api: bool,
}

/// Flags win over the environment, which wins over the configuration file.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Up {
    /// Directory that holds everything [default: ./heliogram-data]
    #[arg(long, env = "HELIOGRAM_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// Address on which clients connect; may be repeated [default: 127.0.0.1:7700]
    #[arg(long, env = "HELIOGRAM_LISTEN", value_delimiter = ',')]
    pub(crate) listen: Vec<SocketAddr>,
    /// Address that clients are told to dial, if it is another than that on which they connect; may be
    /// repeated
    #[arg(long, env = "HELIOGRAM_ADVERTISE", value_delimiter = ',')]
    pub(crate) advertise: Vec<SocketAddr>,
    /// Address of the Bot API [default: 127.0.0.1:8081]
    #[arg(long, env = "HELIOGRAM_BOT_API")]
    pub(crate) bot_api: Option<SocketAddr>,
    /// Address on which operators find /metrics and /healthz [default: none]
    #[arg(long, env = "HELIOGRAM_METRICS")]
    pub(crate) metrics: Option<SocketAddr>,
    /// Number of this data centre, as clients know it; of several, the first is the home of new
    /// accounts, and the others listen one port higher each [default: 2]
    #[arg(long, env = "HELIOGRAM_DC_ID", value_delimiter = ',')]
    pub(crate) dc_id: Vec<i32>,
    /// Where one of several data centres listens instead, as NUMBER=ADDRESS; may be repeated
    #[arg(long, env = "HELIOGRAM_DC_LISTEN", value_delimiter = ',')]
    pub(crate) dc_listen: Vec<DcListen>,
    /// Fixed codes for test numbers, no flood limits; refused on public addresses (the default on loopback)
    #[arg(long, env = "HELIOGRAM_DEV", conflicts_with = "production")]
    pub(crate) dev: bool,
    /// Nothing is relaxed
    #[arg(long, env = "HELIOGRAM_PRODUCTION")]
    pub(crate) production: bool,
    /// Allow development mode on a public address all the same
    #[arg(long, env = "HELIOGRAM_FORCE_DEV")]
    pub(crate) force_dev: bool,
    /// Keep nothing: all data is in memory and gone at the end
    #[arg(long, env = "HELIOGRAM_EPHEMERAL")]
    pub(crate) ephemeral: bool,
    /// Go on although acknowledged data turns out to be lost
    #[arg(long, env = "HELIOGRAM_ACCEPT_LOSS")]
    pub(crate) accept_loss: bool,
    /// Command that delivers login codes; gets the phone number and the code
    #[arg(long, env = "HELIOGRAM_CODE_HOOK")]
    pub(crate) code_hook: Option<PathBuf>,
    /// Bot API: serve files of any size by absolute path, allow local webhooks
    #[arg(long, env = "HELIOGRAM_LOCAL")]
    pub(crate) local: bool,
    /// Seconds by which the clock is wrong, to see what clients make of it; development mode only
    #[arg(long, hide = true, allow_hyphen_values = true)]
    pub(crate) clock_offset: Option<i64>,
    /// Certificate for clients that open with TLS, as PEM, its chain behind it
    #[arg(long, env = "HELIOGRAM_TLS_CERTIFICATE")]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// Private key of the certificate, as PEM
    #[arg(long, env = "HELIOGRAM_TLS_KEY")]
    pub(crate) tls_key: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) bots: BotApiFlags,
    #[command(flatten)]
    pub(crate) proxy: ProxyFlags,
    /// Configuration file in TOML, with keys named like these flags
    #[arg(long, env = "HELIOGRAM_CONFIG")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct User {
    #[command(subcommand)]
    pub(crate) action: UserAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserAction {
    /// Make an account.
    New(NewUser),
}

#[derive(Args, Debug)]
pub(crate) struct NewUser {
    /// Phone number; in development mode +99966XYYYY has the code XXXXX.
    #[arg(long)]
    pub(crate) phone: String,
    #[arg(long)]
    pub(crate) first_name: String,
    #[arg(long, default_value = "")]
    pub(crate) last_name: String,
    #[arg(long)]
    pub(crate) username: Option<String>,
    /// Data centre that the account is at home in [default: the first of the cloud]
    #[arg(long)]
    pub(crate) dc: Option<i32>,
    #[command(flatten)]
    pub(crate) at: At,
}

#[derive(Args, Debug)]
pub(crate) struct Bot {
    #[command(subcommand)]
    pub(crate) action: BotAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BotAction {
    /// Make a bot and print its token.
    New(NewBot),
}

#[derive(Args, Debug)]
pub(crate) struct NewBot {
    /// The bot's name.
    #[arg(long)]
    pub(crate) name: String,
    /// The bot's username; ends in "bot".
    #[arg(long)]
    pub(crate) username: String,
    /// Phone number of the person who owns the bot.
    #[arg(long)]
    pub(crate) owner: String,
    #[command(flatten)]
    pub(crate) at: At,
}

/// Which cloud a command is about.
#[derive(Args, Clone, Debug)]
pub(crate) struct At {
    /// Directory of the cloud.
    #[arg(long, env = "HELIOGRAM_DATA", default_value = "heliogram-data")]
    pub(crate) data: PathBuf,
    /// Print one JSON object instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Backup {
    /// The backup folder; what it has already is not copied again.
    pub(crate) target: PathBuf,
    /// How many states to keep there, this one included [default: all]
    #[arg(long)]
    pub(crate) keep: Option<usize>,
    #[command(flatten)]
    pub(crate) at: At,
}

#[derive(Args, Debug)]
pub(crate) struct Restore {
    /// The backup folder.
    pub(crate) target: PathBuf,
    /// Which state of it [default: the newest]
    #[arg(long)]
    pub(crate) state: Option<String>,
    /// Go on without files that the backup has lost
    #[arg(long)]
    pub(crate) accept_loss: bool,
    #[command(flatten)]
    pub(crate) at: At,
}

#[derive(Args, Debug)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) at: At,
}

#[derive(Args, Debug)]
pub(crate) struct Connect {
    /// The client library.
    pub(crate) client: Stock,
    #[command(flatten)]
    pub(crate) at: At,
}

/// Stock clients for which a snippet is kept.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Stock {
    Telethon,
    Pyrogram,
    Gramjs,
    Mtcute,
    Tdlib,
    PythonTelegramBot,
    Aiogram,
    Grammy,
}

/// How the built-in client reaches a data centre and where it keeps its session.
#[derive(Args, Clone, Debug)]
pub(crate) struct Via {
    /// Session file.
    #[arg(long, env = "HELIOGRAM_SESSION", default_value = "heliogram.session")]
    pub(crate) session: PathBuf,
    /// Address of the data centre.
    #[arg(long, env = "HELIOGRAM_ADDRESS", default_value = "127.0.0.1:7700")]
    pub(crate) address: SocketAddr,
    /// MTProxy to go through instead, by its link: tg://proxy?server=…&port=…&secret=…
    #[arg(long, env = "HELIOGRAM_MTPROXY", value_name = "LINK", hide_env_values = true)]
    pub(crate) mtproxy: Option<ProxyLink>,
    /// Number of the data centre.
    #[arg(long, env = "HELIOGRAM_DC_ID", default_value_t = 2)]
    pub(crate) dc_id: i32,
    /// RSA public key of the data centre, in PEM [default: server.pub.pem in the data directory]
    #[arg(long, env = "HELIOGRAM_KEY")]
    pub(crate) key: Option<PathBuf>,
    /// Directory of a cloud on this machine, for its key.
    #[arg(long, env = "HELIOGRAM_DATA", default_value = "heliogram-data")]
    pub(crate) data: PathBuf,
    /// Application id.
    #[arg(long, env = "HELIOGRAM_API_ID", default_value_t = 1)]
    pub(crate) api_id: i32,
    /// Application hash.
    #[arg(long, env = "HELIOGRAM_API_HASH", default_value = "heliogram", hide_env_values = true)]
    pub(crate) api_hash: String,
}

#[derive(Args, Debug)]
pub(crate) struct Login {
    /// Phone number; asked for if neither it nor a token is given.
    #[arg(long, conflicts_with = "bot_token")]
    pub(crate) phone: Option<String>,
    /// Token of a bot.
    #[arg(long, env = "HELIOGRAM_BOT_TOKEN", hide_env_values = true)]
    pub(crate) bot_token: Option<String>,
    /// Login code; asked for if it is not given.
    #[arg(long)]
    pub(crate) code: Option<String>,
    /// First name, if the number has no account yet.
    #[arg(long)]
    pub(crate) first_name: Option<String>,
    /// Last name, if the number has no account yet.
    #[arg(long)]
    pub(crate) last_name: Option<String>,
    /// Password of the second factor; asked for if it is not given. The environment hides it better.
    #[arg(long, env = "HELIOGRAM_PASSWORD", hide_env_values = true)]
    pub(crate) password: Option<String>,
    #[command(flatten)]
    pub(crate) via: Via,
}

#[derive(Args, Debug)]
pub(crate) struct Send {
    /// Username, phone number, "me", or a number the session has met.
    #[arg(allow_negative_numbers = true)]
    pub(crate) to: String,
    /// The text; `-` takes it from standard input.
    pub(crate) text: String,
    #[command(flatten)]
    pub(crate) via: Via,
}

#[derive(Args, Debug)]
pub(crate) struct Read {
    /// Username, phone number, "me", or a number the session has met.
    #[arg(allow_negative_numbers = true)]
    pub(crate) from: String,
    /// How many messages.
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: usize,
    /// Print one JSON object per message instead of text.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) via: Via,
}

#[derive(Args, Debug)]
pub(crate) struct Upload {
    /// Username, phone number, "me", or a number the session has met.
    #[arg(allow_negative_numbers = true)]
    pub(crate) to: String,
    /// The file.
    pub(crate) file: PathBuf,
    /// Text below the file.
    #[arg(long, default_value = "")]
    pub(crate) caption: String,
    #[command(flatten)]
    pub(crate) via: Via,
}

#[derive(Args, Debug)]
pub(crate) struct Download {
    /// Username, phone number, "me", or a number the session has met.
    #[arg(allow_negative_numbers = true)]
    pub(crate) from: String,
    /// Number of the message, as `read` prints it.
    pub(crate) message: i32,
    /// Where to save the file [default: its own name in this directory]
    #[arg(long)]
    pub(crate) to: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) via: Via,
}
