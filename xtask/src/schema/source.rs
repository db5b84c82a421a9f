//! Which packages carry a schema, and where inside.

use std::io;
use std::str::FromStr;

/// A package in one exact version.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Package {
    /// Its name in its registry.
    pub(crate) name: String,
    /// The version.
    pub(crate) version: String,
}

/// The client program that fetches a package.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Registry {
    Cargo,
    Npm,
    Pip,
}

/// How a schema is written down.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    /// TL text with a `// LAYER` comment.
    Text,
    /// TL text within one template string of a script; the layer is exported by another.
    Template,
    /// A list of objects, one for each definition.
    Json,
}

/// What is known about a package.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    name: &'static str,
    pub(super) registry: Registry,
    pub(super) form: Form,
    /// Path of the API schema below the archive's only folder.
    pub(super) api: &'static str,
    /// Path of the file that names the layer, if another one does.
    pub(super) layer: Option<&'static str>,
    /// Path of the service schema.
    pub(super) mtproto: Option<&'static str>,
    /// Path of the list of errors.
    pub(super) errors: Option<&'static str>,
}

const SOURCES: [Source; 7] = [
    Source {
        name: "@mtcute/core",
        registry: Registry::Npm,
        form: Form::Json,
        api: "tl/api-schema.json",
        layer: None,
        mtproto: None,
        errors: Some("tl/raw-errors.json"),
    },
    text("ferogram-tl-types", Registry::Cargo, "tl/api.tl", Some("tl/mtproto.tl")),
    text("grammers-tl-types", Registry::Cargo, "tl/api.tl", Some("tl/mtproto.tl")),
    text("kurigram", Registry::Pip, "compiler/api/source/main_api.tl", None),
    text("pyrogram", Registry::Pip, "compiler/api/source/main_api.tl", None),
    script("telegram"),
    script("teleproto"),
];

const fn text(
    name: &'static str,
    registry: Registry,
    api: &'static str,
    mtproto: Option<&'static str>,
) -> Source {
    Source { name, registry, form: Form::Text, api, layer: None, mtproto, errors: None }
}

const fn script(name: &'static str) -> Source {
    Source {
        name,
        registry: Registry::Npm,
        form: Form::Template,
        api: "tl/apiTl.js",
        layer: Some("tl/AllTLObjects.js"),
        mtproto: None,
        errors: None,
    }
}

impl Package {
    /// Where this package keeps what.
    pub(super) fn source(&self) -> io::Result<Source> {
        let source = SOURCES.into_iter().find(|source| source.name == self.name);
        source.ok_or_else(|| {
            let known = SOURCES.map(|source| source.name).join(", ");
            io::Error::other(format!("{} is not known to carry a schema; {known} are", self.name))
        })
    }
}

impl FromStr for Package {
    type Err = String;

    /// Splits at the last `@`: names may begin with one.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.rsplit_once('@') {
            Some((name, version)) if !name.is_empty() && !version.is_empty() => {
                Ok(Self { name: name.to_owned(), version: version.to_owned() })
            }
            _ => Err(format!("`{text}` is not <package>@<version>")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, &str)>) {
        let parsed = text.parse::<Package>().ok();
        assert_eq!(parsed.as_ref().map(|p| (p.name.as_str(), p.version.as_str())), expected);
    }

    #[test]
    fn a_scope_is_part_of_the_name() {
        check("@mtcute/core@0.31.0", Some(("@mtcute/core", "0.31.0")));
        check("pyrogram@2.0.102", Some(("pyrogram", "2.0.102")));
        check("@mtcute/core", None);
    }
}
