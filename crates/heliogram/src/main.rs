//! `heliogram`: both Telegram APIs, both sides, in one binary.
//!
//! `up` runs the cloud and the Bot API; `user`, `bot` and `connect` help to use it, `backup`,
//! `restore` and `check` to keep it; `login`, `send`, `read`, `upload` and `download` are a client of it, or of any other data centre.

mod account;
mod allocator;
mod backup;
mod bot_api;
mod bot_api_flags;
mod check;
mod cli;
mod client;
mod connect;
mod control;
mod dc_listen;
mod logging;
mod methods;
mod observe;
mod proxy;
mod proxy_link;
mod settings;
mod sockets;
mod tls;
mod up;

use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    logging::start(&cli.log);
    let outcome = match cli.command {
        Command::Up(up) => up::run(up),
        Command::User(command) => account::user(command),
        Command::Bot(command) => account::bot(command),
        Command::Backup(command) => backup::back_up(command),
        Command::Restore(command) => backup::restore(command),
        Command::Check(command) => check::run(&command),
        Command::Connect(command) => connect::run(&command),
        Command::Login(command) => client::login(command),
        Command::Send(command) => client::send(command),
        Command::Read(command) => client::read(command),
        Command::Upload(command) => client::upload(command),
        Command::Download(command) => client::download(command),
        Command::Methods(command) => methods::run(&command),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("heliogram: {error}");
            ExitCode::FAILURE
        }
    }
}
