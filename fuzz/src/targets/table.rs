//! The table of targets, and which of them this process is for.

use std::path::Path;
use std::sync::OnceLock;
use std::{env, process};

use super::{
    bot_request, both_sessions, cloud, files, frames, gaps, handshake, http_port, identifiers,
    layers, packed, params, proxy, seal, server_session, text, tl, websocket,
};
use crate::seeds;

/// Something that takes bytes from outside.
pub(super) struct Target {
    /// Its name, and its corpus's.
    name: &'static str,
    /// Panics if the input shows that something does not hold.
    check: fn(&[u8]),
    /// Inputs to begin with.
    seeds: fn() -> Vec<Vec<u8>>,
}

const TARGETS: &[Target] = &[
    Target { name: "bot_request", check: bot_request::check, seeds: bot_request::seeds },
    Target { name: "both_sessions", check: both_sessions::check, seeds: both_sessions::seeds },
    Target { name: "cloud", check: cloud::check, seeds: cloud::seeds },
    Target { name: "files", check: files::check, seeds: files::seeds },
    Target { name: "frames", check: frames::check, seeds: frames::seeds },
    Target { name: "gaps", check: gaps::check, seeds: gaps::seeds },
    Target { name: "handshake", check: handshake::check, seeds: handshake::seeds },
    Target { name: "http_port", check: http_port::check, seeds: http_port::seeds },
    Target { name: "identifiers", check: identifiers::check, seeds: identifiers::seeds },
    Target { name: "layers", check: layers::check, seeds: layers::seeds },
    Target { name: "packed", check: packed::check, seeds: packed::seeds },
    Target { name: "params", check: params::check, seeds: params::seeds },
    Target { name: "proxy", check: proxy::check, seeds: proxy::seeds },
    Target { name: "seal", check: seal::check, seeds: seal::seeds },
    Target { name: "server_session", check: server_session::check, seeds: server_session::seeds },
    Target { name: "text", check: text::check, seeds: text::seeds },
    Target { name: "tl", check: tl::check, seeds: tl::seeds },
    Target { name: "websocket", check: websocket::check, seeds: websocket::seeds },
];

static CHOSEN: OnceLock<&'static Target> = OnceLock::new();

/// Finds out from the environment what this process is for; does not return if that is no fuzzing.
pub(crate) fn choose() {
    if env::var_os("HELIOGRAM_FUZZ_LIST").is_some() {
        for target in TARGETS {
            println!("{}", target.name);
        }
        process::exit(0);
    }
    let name = env::var("HELIOGRAM_FUZZ_TARGET").unwrap_or_default();
    let Some(target) = TARGETS.iter().find(|target| target.name == name) else {
        eprintln!("HELIOGRAM_FUZZ_TARGET names no target: {name:?}");
        process::exit(2);
    };
    if let Some(folder) = env::var_os("HELIOGRAM_FUZZ_SEEDS") {
        let written = seeds::write(Path::new(&folder), &(target.seeds)());
        if let Err(error) = &written {
            eprintln!("{}: {error}", Path::new(&folder).display());
        }
        process::exit(i32::from(written.is_err()));
    }
    let _ = CHOSEN.set(target);
}

/// Lets the chosen target judge an input.
pub(crate) fn check(input: &[u8]) {
    if let Some(target) = CHOSEN.get() {
        (target.check)(input);
    }
}
