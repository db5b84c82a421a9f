//! A handler's documentation starts with the method's name as the schema spells it, so that a
//! search for `messages.sendMessage` ends at the code.

use super::tree::{File, Tree};

/// Where handlers live, one folder for each namespace.
const RPC: &str = "crates/dc/src/rpc/";

/// Handlers whose documentation starts otherwise.
pub(super) fn faults(tree: &Tree) -> Vec<String> {
    let handlers = tree.rust().filter(|file| file.path.starts_with(RPC));
    handlers.flat_map(file_faults).collect()
}

fn file_faults(file: &File) -> Vec<String> {
    let below = file.path.strip_prefix(RPC).unwrap_or_default();
    let Some((namespace, _)) = below.split_once('/') else { return Vec::new() };
    let lines: Vec<&str> = file.text.lines().collect();
    let mut faults = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        if !line.starts_with("pub(super) fn ") && !line.starts_with("pub(crate) fn ") {
            continue;
        }
        let Some(request) = request(&lines[start..], namespace) else { continue };
        let documented = documented(&lines[..start]).unwrap_or_default();
        let method = documented.strip_prefix(namespace).and_then(|rest| rest.strip_prefix('.'));
        if !method.is_some_and(|method| method.eq_ignore_ascii_case(&request)) {
            faults.push(format!(
                "{}:{}: the documentation does not start with the name of {namespace}::{request}",
                file.path,
                start + 1
            ));
        }
    }
    faults
}

/// The request type of a handler's signature: `req: tl::help::GetConfig`.
fn request(lines: &[&str], namespace: &str) -> Option<String> {
    let end = lines.iter().position(|line| line.ends_with('{'))?;
    let signature = lines.get(..=end)?.concat();
    let parameters = signature.split("->").next()?;
    let (_, rest) = parameters.split_once(&format!(": tl::{namespace}::"))?;
    Some(rest.chars().take_while(char::is_ascii_alphanumeric).collect())
}

/// The name in backticks that begins the documentation above an item.
fn documented<'a>(above: &[&'a str]) -> Option<&'a str> {
    let docs = above.iter().rev().take_while(|line| {
        line.starts_with("///") || line.starts_with("#[") || line.starts_with("//")
    });
    let first = docs.filter(|line| line.starts_with("///")).last()?;
    first.strip_prefix("/// `")?.split('`').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(docs: &str, is_right: bool) {
        let text = format!(
            "{docs}\n#[allow(x)]\npub(super) fn get_config(\n    cx: &mut Cx<'_>,\n    _: tl::help::GetConfig,\n) -> Rpc<tl::Config> {{\n}}\n"
        );
        let tree = Tree::of(&[("crates/dc/src/rpc/help/get_config.rs", &text)]);
        assert_eq!(faults(&tree).is_empty(), is_right, "{docs}");
    }

    #[test]
    fn documentation_starts_with_the_method() {
        check("/// `help.getConfig`: where to connect.\n///\n/// More.", true);
        check("/// Answers `help.getConfig`.", false);
        check("/// `help.getNearestDc`: another.", false);
        check("", false);
    }
}
