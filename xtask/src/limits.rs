//! The tables of `docs/limits.md`, drawn from the code: every bound with its value, and what its
//! own comment says of it.

use std::fmt::Write as _;
use std::fs;
use std::io;

const BEGIN: &str = "<!-- cargo xtask limits: begin -->\n";
const END: &str = "<!-- end -->\n";

/// Where bounds stand together: what they are about, the file, and the struct.
const STRUCTS: &[(&str, &str, &str)] = &[
    ("All connections", "crates/net/src/limits.rs", "Limits"),
    ("Each connection", "crates/net/src/limits.rs", "DriverLimits"),
    ("At the door of an MTProxy", "crates/net/src/mtproxy.rs", "MtProxyLimits"),
    ("Bytes of each connection", "crates/mtproto/src/link/config.rs", "LinkLimits"),
    ("Keys", "crates/dc/src/gateway/keys.rs", "KeyLimits"),
    ("All sessions", "crates/dc/src/gateway/sessions.rs", "SessionsLimits"),
    ("Each session", "crates/mtproto/src/session/server/limits.rs", "ServerLimits"),
    ("Slow work", "crates/dc/src/gateway/workshop.rs", "WorkshopLimits"),
    ("What people and bots may do", "crates/dc/src/limits.rs", "Limits"),
    ("Rows and uploads", "crates/store/src/limits.rs", "Limits"),
    ("Requests of the Bot API", "crates/botapi/src/options.rs", "Limits"),
];

/// Bounds that stand alone, beside what they bound.
const CONSTANTS: &[(&str, &[&str])] = &[
    ("crates/mtproto/src/handshake/exchanges.rs", &["ALLOWANCE_MAX", "REFILL"]),
    ("crates/mtproto/src/handshake/lobby.rs", &["WAITING_MAX"]),
    ("crates/mtproto/src/transport/http/server.rs", &["HEAD_BYTES_MAX", "HEAD_MAX", "SLOTS_MAX"]),
    ("crates/mtproto/src/message/container.rs", &["MESSAGES_MAX"]),
    ("crates/mtproto/src/session/acks.rs", &["IDS_MAX"]),
    ("crates/mtproto/src/session/server/early.rs", &["EARLY_MAX"]),
    ("crates/net/src/tls/stream.rs", &["HANDSHAKE_MAX"]),
    ("crates/dc/src/gateway/link.rs", &["SESSIONS_MAX", "BATCH_MAX", "QUEUED_BYTES_HIGH"]),
    ("crates/dc/src/gateway/unwrap.rs", &["DEPTH_MAX", "AFTER_MAX", "UNPACKED_BYTES_MAX"]),
    ("crates/dc/src/gateway/after.rs", &["WAITING_MAX", "WAITING_BYTES_MAX", "FAILED_MAX"]),
    ("crates/dc/src/gateway/parked.rs", &["OPEN_MAX"]),
    ("crates/dc/src/gateway/outlets.rs", &["WEB_MAX"]),
    ("crates/dc/src/gateway/polls.rs", &["WAITING_MAX"]),
    ("crates/dc/src/gateway/flood.rs", &["BUCKETS_MAX"]),
    ("crates/dc/src/effects/login_code.rs", &["HOOK_MAX"]),
    ("crates/dc/src/fanout/push.rs", &["QUEUE_MAX"]),
    (
        "crates/botapi/src/bots.rs",
        &["CALLS_MAX", "DOWNLOADS_AT_ONCE", "REFUSED_FOR", "REFUSED_MAX"],
    ),
    ("crates/botapi/src/throttle.rs", &["PER_MINUTE_MAX", "PER_HOUR_MAX", "ADDRESSES_MAX"]),
    ("crates/botapi/src/http.rs", &["IDLE_TIMEOUT", "HEADERS_MAX"]),
    ("crates/botapi/src/updates/queue.rs", &["UPDATES_MAX", "BYTES_MAX", "UPDATE_BYTES_MAX"]),
    (
        "crates/botapi/src/updates/webhook.rs",
        &["CONNECT_TIMEOUT", "IDLE_TIMEOUT", "ANSWER_BYTES_MAX"],
    ),
];

/// One bound.
#[derive(Debug, Eq, PartialEq)]
struct Bound {
    name: String,
    values: Vec<String>,
    meaning: String,
}

/// Writes the tables anew.
///
/// # Errors
/// If a file cannot be read, a bound is not where it should be, or has no comment.
pub(crate) fn rewrite() -> io::Result<()> {
    let path = crate::workspace().join("docs/limits.md");
    let text = fs::read_to_string(&path)?;
    let missing = || io::Error::other("docs/limits.md has no place for the tables");
    let (before, rest) = text.split_once(BEGIN).ok_or_else(missing)?;
    let (_, after) = rest.split_once(END).ok_or_else(missing)?;
    fs::write(path, format!("{before}{BEGIN}{}{END}{after}", tables()?))
}

fn tables() -> io::Result<String> {
    let mut text = String::new();
    for (title, path, name) in STRUCTS {
        let source = fs::read_to_string(crate::workspace().join(path))?;
        let gone = || io::Error::other(format!("{path}: no {name} with documented fields"));
        let bounds = bounds(&source, name).filter(|all| !all.is_empty()).ok_or_else(gone)?;
        let _ = writeln!(
            text,
            "\n## {title}\n\n`{name}` in `{path}`.\n\n| bound | value | what it is |\n|---|---|---|"
        );
        for Bound { name, values, meaning } in bounds {
            let _ = writeln!(text, "| `{name}` | {} | {meaning} |", values.join("; "));
        }
    }
    text += "\n## Bounds that stand alone\n\n| bound | value | what it is | where |\n|---|---|---|---|\n";
    for (path, names) in CONSTANTS {
        let source = fs::read_to_string(crate::workspace().join(path))?;
        for name in *names {
            let gone = || io::Error::other(format!("{path}: no documented {name}"));
            let Bound { name, values, meaning } = constant(&source, name).ok_or_else(gone)?;
            let _ = writeln!(text, "| `{name}` | {} | {meaning} | `{path}` |", values.join("; "));
        }
    }
    Ok(text + "\n")
}

/// The fields of a struct: their comments, and their values in each constant of its type.
fn bounds(source: &str, name: &str) -> Option<Vec<Bound>> {
    let (_, fields) = source.split_once(&format!("struct {name} {{\n"))?;
    let (fields, _) = fields.split_once("\n}")?;
    let (_, values) = source.split_once(&format!("impl {name} {{\n"))?;
    let (values, _) = values.split_once("\n}")?;
    let mut bounds = Vec::new();
    let mut meaning = String::new();
    for line in fields.lines().map(str::trim) {
        if let Some(comment) = line.strip_prefix("///") {
            meaning += comment;
        } else if let Some((name, _)) = line.split_once(':').filter(|_| !line.starts_with("//")) {
            let name = name.rsplit(' ').next().unwrap_or(name).to_owned();
            let values = field_values(values, &name);
            bounds.push(Bound { name, values, meaning: plain(&std::mem::take(&mut meaning)) });
        }
    }
    bounds
        .iter()
        .all(|bound| !bound.values.is_empty() && !bound.meaning.is_empty())
        .then_some(bounds)
}

/// What a field is in each constant; with the constant's name, if there are several.
fn field_values(values: &str, field: &str) -> Vec<String> {
    let blocks: Vec<(&str, &str)> = values
        .split("const ")
        .skip(1)
        .filter_map(|block| Some((block.split_once(':')?.0, block.split_once("Self {")?.1)))
        .filter_map(|(name, block)| Some((name, block.split_once('}')?.0)))
        .collect();
    let value = |block: &str| {
        let fields = block.lines().flat_map(|line| line.split(", "));
        let value = fields.filter_map(|text| text.trim().strip_prefix(&format!("{field}: ")));
        value.map(|value| readable(value.trim_end_matches([',', ' ']))).next()
    };
    let is_alone = blocks.len() == 1;
    blocks
        .into_iter()
        .filter_map(|(name, block)| {
            let value = value(block)?;
            Some(if is_alone { value } else { format!("{value} ({})", name.to_lowercase()) })
        })
        .collect()
}

/// A constant with its comment.
fn constant(source: &str, name: &str) -> Option<Bound> {
    let mark = format!("const {name}: ");
    let lines: Vec<&str> = source.lines().collect();
    let at = lines.iter().position(|line| line.contains(&mark))?;
    let value = lines.get(at)?.split_once(" = ")?.1.trim_end_matches(';');
    let above = lines.get(..at)?.iter().rev().map(|line| line.trim());
    let mut comment: Vec<&str> = above
        .take_while(|line| line.starts_with("//"))
        .filter_map(|line| line.strip_prefix("///"))
        .collect();
    comment.reverse();
    let meaning = plain(&comment.concat());
    let name = name.to_owned();
    (!meaning.is_empty()).then(|| Bound { name, values: vec![readable(value)], meaning })
}

/// A comment without its links.
fn plain(comment: &str) -> String {
    comment.trim().replace("[`Self::", "`").replace("[`", "`").replace("`]", "`").replace('|', "/")
}

/// An expression as an operator would write it.
fn readable(expression: &str) -> String {
    let inner = |head: &str| expression.strip_prefix(head)?.strip_suffix(')');
    if let Some(seconds) = inner("Duration::from_secs(").and_then(product) {
        return match seconds {
            0 => "0".to_owned(),
            _ if seconds.is_multiple_of(86_400) => format!("{} d", seconds / 86_400),
            _ if seconds.is_multiple_of(3600) => format!("{} h", seconds / 3600),
            _ if seconds.is_multiple_of(60) && seconds > 60 => format!("{} min", seconds / 60),
            _ => format!("{seconds} s"),
        };
    }
    if let Some(millis) = inner("Duration::from_millis(") {
        return format!("{millis} ms");
    }
    for (shift, unit) in [(" << 10", "KiB"), (" << 20", "MiB"), (" << 30", "GiB")] {
        if let Some(count) = expression.strip_suffix(shift) {
            return format!("{} {unit}", count.replace('_', ","));
        }
    }
    match expression.strip_prefix("1 << ").and_then(|shift| shift.parse().ok()) {
        Some(shift @ 10..20) => format!("{} Ki", 1_u64 << (shift - 10)),
        Some(shift @ 20..30) => format!("{} Mi", 1_u64 << (shift - 20)),
        _ => expression.replace('_', ","),
    }
}

fn product(expression: &str) -> Option<u64> {
    expression.split('*').map(|factor| factor.trim().replace('_', "").parse::<u64>().ok()).product()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_says_what_the_code_says() {
        let text = fs::read_to_string(crate::workspace().join("docs/limits.md")).unwrap();
        let tables = tables().unwrap();
        assert!(
            text.contains(&format!("{BEGIN}{tables}{END}")),
            "the tables are old: cargo xtask limits"
        );
    }

    #[track_caller]
    fn check(expression: &str, expected: &str) {
        assert_eq!(readable(expression), expected);
    }

    #[test]
    fn values_are_in_the_units_of_people() {
        check("Duration::from_secs(7 * 86_400)", "7 d");
        check("Duration::from_secs(600)", "10 min");
        check("Duration::from_secs(60)", "60 s");
        check("Duration::from_millis(4)", "4 ms");
        check("512 << 20", "512 MiB");
        check("1 << 24", "16 Mi");
        check("100_000", "100,000");
    }

    #[test]
    fn a_bound_is_its_comment_its_name_and_its_values() {
        let source = "pub struct L {\n    /// First,\n    /// and [`Self::b`].\n    pub(super) a: usize,\n    /// B.\n    pub b: u8,\n}\n\nimpl L {\n    pub const X: Self = Self { a: 1 << 10, b: 2 };\n    const Y: Self = Self {\n        a: 3,\n        b: 4,\n    };\n}\n";
        let bounds = bounds(source, "L").unwrap();
        assert_eq!(bounds[0].meaning, "First, and `b`.");
        assert_eq!(bounds[0].values, ["1 KiB (x)", "3 (y)"]);
        assert_eq!(bounds[1].values, ["2 (x)", "4 (y)"]);
    }

    #[test]
    fn a_bound_without_a_comment_is_none() {
        let source = "pub struct L {\n    pub a: usize,\n}\n\nimpl L {\n    const X: Self = Self { a: 1 };\n}\n";
        assert_eq!(bounds(source, "L"), None);
    }
}
