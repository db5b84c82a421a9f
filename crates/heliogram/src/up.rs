//! `heliogram up`: the data centre and the Bot API, on one directory, until told to stop.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use heliogram_dc::{Home, Mode, Server, StartError};
use heliogram_ids::Timestamp;
use heliogram_net::{Clock, Entrance};
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;

use crate::bot_api::BotApi;
use crate::cli::Up;
use crate::control::{self, Desk};
use crate::observe::{self, Observatory};
use crate::settings::Settings;
use crate::sockets;

/// Runs until Ctrl-C or a termination signal.
pub(crate) fn run(up: Up) -> Result<(), Box<dyn Error>> {
    heliogram_net::raise_descriptors();
    crate::allocator::without_huge_pages();
    let settings = Settings::decide(up)?;
    let proxy_protocol = settings.proxies.proxy_protocol();
    let tls = crate::tls::read(&settings)?;
    let entrance = Entrance { tls, proxy_protocol, mtproxy: None };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(settings, entrance))
}

async fn serve(mut settings: Settings, entrance: Entrance) -> Result<(), Box<dyn Error>> {
    // Sockets first: a port that is taken should not cost the opening of a large store.
    let mut listeners = sockets::bind(&settings.listen)?;
    settings.listen = local_addresses(&listeners)?;
    let told = if settings.advertise.is_empty() { &settings.listen } else { &settings.advertise };
    settings.dc.addresses.clone_from(told);
    for dc in &mut settings.dc.further {
        let own = sockets::bind(&dc.addresses)?;
        dc.addresses = local_addresses(&own)?;
        listeners.extend(own);
    }
    let proxy_listeners = sockets::bind(&settings.proxies.listen)?;
    settings.proxies.listen = local_addresses(&proxy_listeners)?;
    let bot_listener = TcpListener::bind(settings.bot_api)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", settings.bot_api))?;
    settings.bot_api = bot_listener.local_addr()?;
    let metrics_listener = sockets::bind(settings.metrics.as_slice())?.pop();
    settings.metrics = metrics_listener.as_ref().map(TcpListener::local_addr).transpose()?;

    let home = if settings.ephemeral {
        Home::Memory
    } else {
        Home::Directory { path: settings.data.clone(), accept_loss: settings.accept_loss }
    };
    let clock = Clock::start_off(settings.clock_offset);
    let began = clock.now();
    let server = Server::open_by(&home, settings.dc.clone(), clock.clone());
    let server = Arc::new(server.map_err(|error| helped(&error, &settings))?);
    let mut tasks = tokio::task::JoinSet::new();
    let mtproxy = settings.proxies.mtproxy(&settings.dc);
    let proxy_entrance = Entrance { mtproxy, ..entrance.clone() };
    let open = listeners.into_iter().map(|listener| (listener, &entrance));
    let proxied = proxy_listeners.into_iter().map(|listener| (listener, &proxy_entrance));
    for (listener, entrance) in open.chain(proxied) {
        let (server, entrance) = (Arc::clone(&server), entrance.clone());
        tasks.spawn(async move { server.listen_at(listener, entrance).await });
    }
    let keeper = Arc::clone(&server);
    let housekeeping = tokio::spawn(async move { keeper.housekeeping().await });
    if !settings.ephemeral {
        let desk = Arc::new(Desk {
            server: Arc::clone(&server),
            data: settings.data.clone(),
            listen: settings.listen.first().map(ToString::to_string).unwrap_or_default(),
            bot_api: settings.bot_api.to_string(),
            dc_id: settings.dc.dc_id.get(),
        });
        tokio::spawn(control::serve(control::listen(&settings.data)?, desk));
    }
    let bot_api = crate::bot_api::start(&settings, &server, bot_listener, clock)?;
    let observatory = metrics_listener.map(|listener| show(listener, &server, &bot_api, began));

    greet(&settings, &server);
    println!("ready");
    stop_signal().await?;

    tracing::info!("stopping");
    drop(observatory);
    bot_api.stop().await;
    server.stop().await;
    housekeeping.abort();
    tasks.shutdown().await;
    if !settings.ephemeral {
        let _ = std::fs::remove_file(control::socket(&settings.data));
    }
    Ok(())
}

/// Opens the door for operators.
fn show(
    listener: TcpListener,
    server: &Arc<Server>,
    bot_api: &BotApi,
    began: Timestamp,
) -> Observatory {
    let mut registry = Registry::default();
    server.register(&mut registry);
    bot_api.register(&mut registry);
    observe::start(listener, registry, Arc::clone(server), began)
}

/// What can be done about a directory that is refused, in the words of the command line.
fn helped(error: &StartError, settings: &Settings) -> String {
    if !error.is_damage() {
        return error.to_string();
    }
    let data = settings.data.display();
    format!(
        "{error}\n  heliogram check --data {data} reads everything and names what is damaged\n  \
         heliogram restore BACKUP --data {data} brings a backup back to an empty directory\n  \
         heliogram up --accept-loss goes on without what is lost, where that is offered above"
    )
}

fn local_addresses(listeners: &[TcpListener]) -> std::io::Result<Vec<SocketAddr>> {
    listeners.iter().map(TcpListener::local_addr).collect()
}

/// What a person needs to know, for people: standard output stays for programs.
fn greet(settings: &Settings, server: &Server) {
    let addresses: Vec<String> = settings.listen.iter().map(ToString::to_string).collect();
    eprintln!("data centre {}  {}", settings.dc.dc_id, addresses.join(" "));
    for dc in &settings.dc.further {
        let addresses: Vec<String> = dc.addresses.iter().map(ToString::to_string).collect();
        eprintln!("data centre {}  {}", dc.id, addresses.join(" "));
    }
    let secure = if settings.tls.is_some() { "s" } else { "" };
    let web = addresses.first().map(String::as_str).unwrap_or_default();
    eprintln!("in browsers    ws{secure}://{web}/apiws http{secure}://{web}/apiw");
    for link in settings.proxies.links(&settings.advertise) {
        eprintln!("MTProxy        {link}");
    }
    eprintln!("Bot API        http://{}", settings.bot_api);
    if let Some(metrics) = settings.metrics {
        eprintln!("metrics        http://{metrics}/metrics http://{metrics}/healthz");
    }
    if settings.ephemeral {
        eprintln!("data           in memory, gone at the end\n{}", server.public_key_pem());
    } else {
        eprintln!("data           {}", settings.data.display());
        eprintln!("public key     {}", settings.data.join("server.pub.pem").display());
    }
    match settings.dc.mode {
        Mode::Development => {
            eprintln!("mode           development: +99966XYYYY logs in with the code XXXXX");
        }
        Mode::Production => eprintln!("mode           production"),
    }
    eprintln!("connect        heliogram connect telethon --data {}", settings.data.display());
}

async fn stop_signal() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupt = tokio::signal::ctrl_c() => interrupt,
        _ = terminate.recv() => Ok(()),
    }
}
