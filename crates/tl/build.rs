//! Generates the Rust types of the newest imported layer and of the service schema, and the tables
//! of all layers.

use std::path::Path;
use std::{env, fs};

use heliogram_tlgen::ast::Definition;
use heliogram_tlgen::emit::{self, Options};
use heliogram_tlgen::history::History;
use heliogram_tlgen::parse;

fn main() {
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR for build scripts");
    let out = Path::new(&out);

    let history = History::parse(&read("schema/history.tl"))
        .unwrap_or_else(|error| panic!("schema/history.tl: {error}"));
    let newest = history.newest().expect("the history names its layers");
    let api: Vec<Definition> = history.of_layer(newest).cloned().collect();
    write(&out.join("api.rs"), &emit::rust(&api, &Options { root: "crate".to_owned() }));
    write(&out.join("round_trip.rs"), &emit::round_trip(&api, "crate"));
    write(&out.join("tables.rs"), &emit::tables(&history));
    write(
        &out.join("layer.rs"),
        &format!(
            "/// The newest layer of the imported schemas: what this crate's types are.\npub const LAYER: i32 = {newest};\n"
        ),
    );

    let service = parse::schema(&read("schema/mtproto.tl"))
        .unwrap_or_else(|error| panic!("schema/mtproto.tl: {error}"));
    write(
        &out.join("mtproto.rs"),
        &emit::rust(&service, &Options { root: "crate::mtproto".to_owned() }),
    );
    write(&out.join("mtproto_round_trip.rs"), &emit::round_trip(&service, "crate::mtproto"));
}

fn read(path: &str) -> String {
    println!("cargo::rerun-if-changed={path}");
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
