//! Which crate may see which: the floor plan, read from the manifests.

use std::io;

use cargo_metadata::{Dependency, Metadata, MetadataCommand, Package};

use super::tree::Tree;

/// Crate and the crates of ours that it may name, beside `heliogram-ids`, which is everybody's
/// vocabulary. What is not here may see them all: the binary, the test kit and the tasks.
const MAY_SEE: [(&str, &[&str]); 10] = [
    ("heliogram-ids", &[]),
    ("heliogram-tlgen", &[]),
    ("heliogram-crypto", &[]),
    ("heliogram-tl", &["heliogram-tlgen"]),
    ("heliogram-mtproto", &["heliogram-tl", "heliogram-crypto"]),
    ("heliogram-net", &["heliogram-mtproto", "heliogram-crypto"]),
    ("heliogram-store", &[]),
    (
        "heliogram-client",
        &["heliogram-net", "heliogram-mtproto", "heliogram-tl", "heliogram-crypto"],
    ),
    ("heliogram-botapi", &["heliogram-client", "heliogram-tl"]),
    (
        "heliogram-dc",
        &[
            "heliogram-store",
            "heliogram-net",
            "heliogram-mtproto",
            "heliogram-tl",
            "heliogram-crypto",
        ],
    ),
];

/// Crates that do no input or output and know no time; a missing dependency is the proof.
const SANS_IO: [&str; 5] =
    ["heliogram-ids", "heliogram-tlgen", "heliogram-crypto", "heliogram-tl", "heliogram-mtproto"];

/// What those must not depend on.
const IO: [&str; 8] =
    ["tokio", "mio", "socket2", "rustix", "hyper", "reqwest", "ureq", "futures-util"];

/// Folders of the data centre and what must not be imported there.
const WALLS: [(&str, &[&str]); 2] = [
    ("crates/dc/src/domain/", &["heliogram_tl", "crate::rpc", "crate::render"]),
    ("crates/dc/src/render/", &["crate::rpc"]),
];

/// The manifests of the workspace.
pub(super) fn metadata() -> io::Result<Metadata> {
    let mut command = MetadataCommand::new();
    command.no_deps().current_dir(crate::workspace());
    command.exec().map_err(io::Error::other)
}

/// Who sees what it must not.
pub(super) fn faults(tree: &Tree, metadata: &Metadata) -> Vec<String> {
    let mut faults = Vec::new();
    for package in &metadata.packages {
        faults.extend(package.dependencies.iter().filter_map(|dependency| {
            let is_wrong = is_forbidden(package, dependency);
            is_wrong.then(|| format!("{} must not depend on {}", package.name, dependency.name))
        }));
    }
    // Tests of a domain may look at it through a handler.
    for file in tree.rust().filter(|file| !file.is_test()) {
        for (folder, walled) in WALLS {
            if !file.path.starts_with(folder) {
                continue;
            }
            let seen = walled.iter().filter(|name| file.text.contains(**name));
            faults.extend(seen.map(|name| format!("{}: {name} is out of sight here", file.path)));
        }
    }
    faults
}

fn is_forbidden(package: &Package, dependency: &Dependency) -> bool {
    let name = dependency.name.as_str();
    if dependency.path.is_none() {
        let is_dev = dependency.kind == cargo_metadata::DependencyKind::Development;
        return !is_dev && SANS_IO.contains(&package.name.as_str()) && IO.contains(&name);
    }
    let row = MAY_SEE.iter().find(|(from, _)| *from == package.name.as_str());
    // Tests are no excuse: a crate that meets itself through the test kit is two crates.
    row.is_some_and(|(_, to)| !to.contains(&name) && name != "heliogram-ids")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walls_stand() {
        let tree = Tree::of(&[("crates/dc/src/domain/a.rs", "use heliogram_tl as tl;")]);
        let empty = metadata().unwrap();
        let faults = faults(&tree, &empty);
        assert!(
            faults.contains(
                &"crates/dc/src/domain/a.rs: heliogram_tl is out of sight here".to_owned()
            )
        );
    }
}
