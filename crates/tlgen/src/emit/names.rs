//! Schema names to Rust names.

use crate::ast::{Name, Type};

/// `inputPeerUser` → `InputPeerUser`, `resPQ` → `ResPq`, `p_q_inner_data` → `PQInnerData`.
///
/// A run of capitals becomes one word, so that names read alike whatever the schema's mood.
pub(super) fn type_name(ident: &str) -> String {
    ident.split('_').filter(|part| !part.is_empty()).map(camel_part).collect()
}

fn camel_part(part: &str) -> String {
    let letters: Vec<char> = part.chars().collect();
    let mut out = String::with_capacity(part.len());
    for (index, letter) in letters.iter().enumerate() {
        let after_upper = index > 0 && letters[index - 1].is_ascii_uppercase();
        let before_lower = letters.get(index + 1).is_some_and(char::is_ascii_lowercase);
        if index == 0 {
            out.push(letter.to_ascii_uppercase());
        } else if letter.is_ascii_uppercase() && after_upper && !before_lower {
            out.push(letter.to_ascii_lowercase());
        } else {
            out.push(*letter);
        }
    }
    out
}

/// Field names are snake case already; only keywords need care.
pub(super) fn field_name(name: &str) -> String {
    match name {
        "self" => "is_self".to_owned(),
        "type" | "final" | "static" | "loop" | "move" | "ref" | "match" | "mod" | "box" | "try"
        | "async" | "await" | "priv" | "override" | "where" | "yield" | "abstract" | "do"
        | "in" | "as" | "for" => format!("r#{name}"),
        _ => name.to_ascii_lowercase(),
    }
}

/// The path of a boxed type's enum.
pub(super) fn enum_path(root: &str, name: &Name) -> String {
    match &name.namespace {
        Some(namespace) => format!("{root}::{namespace}::{}", type_name(&name.ident)),
        None => format!("{root}::{}", type_name(&name.ident)),
    }
}

/// The path of a constructor's struct.
pub(super) fn struct_path(root: &str, name: &Name) -> String {
    match &name.namespace {
        Some(namespace) => format!("{root}::types::{namespace}::{}", type_name(&name.ident)),
        None => format!("{root}::types::{}", type_name(&name.ident)),
    }
}

/// The Rust type of a field or result.
pub(super) fn type_path(root: &str, of: &Type) -> String {
    match of {
        Type::Int => "i32".to_owned(),
        Type::Long => "i64".to_owned(),
        Type::Double => "f64".to_owned(),
        Type::Int128 => "[u8; 16]".to_owned(),
        Type::Int256 => "[u8; 32]".to_owned(),
        Type::String => "crate::Str".to_owned(),
        Type::Bytes => "crate::Bytes".to_owned(),
        Type::Bool | Type::True => "bool".to_owned(),
        Type::Generic => "crate::Raw".to_owned(),
        Type::Vector { item, .. } => format!("Vec<{}>", type_path(root, item)),
        Type::Named { name, bare: false } => enum_path(root, name),
        Type::Named { name, bare: true } => struct_path(root, name),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn runs_of_capitals_become_words() {
        for (schema, rust) in [
            ("inputPeerUser", "InputPeerUser"),
            ("resPQ", "ResPq"),
            ("JSONValue", "JsonValue"),
            ("P_Q_inner_data", "PQInnerData"),
            ("server_DH_params_ok", "ServerDhParamsOk"),
            ("inputBotInlineMessageID64", "InputBotInlineMessageId64"),
            ("updateBotWebhookJSONQuery", "UpdateBotWebhookJsonQuery"),
        ] {
            assert_eq!(super::type_name(schema), rust);
        }
    }
}
