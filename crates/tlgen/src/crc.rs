//! What a constructor id must be: the CRC-32 of a normalised form of its line.

use crate::ast::{Definition, Field, Type};

/// The id that the schema's rule gives to a definition.
///
/// `true` flags are left out, `bytes` counts as `string`, and angle brackets and braces go.
pub fn id_of(definition: &Definition) -> u32 {
    let mut line = definition.name.to_string();
    if definition.is_generic {
        line.push_str(" X:Type");
    }
    for field in definition.fields.iter().filter(|field| !field.is_true_flag()) {
        line.push(' ');
        line.push_str(&normalised(field));
    }
    line.push_str(" = ");
    line.push_str(&normalised_type(&definition.result));
    crc32fast::hash(line.as_bytes())
}

fn normalised(field: &Field) -> String {
    let text = without_brackets(&field.to_string());
    // Only a field that is `bytes`, not the items of `Vector<bytes>`.
    match text.strip_suffix("bytes") {
        Some(left) if left.ends_with([':', '?']) => format!("{left}string"),
        _ => text,
    }
}

fn normalised_type(of: &Type) -> String {
    without_brackets(&of.to_string())
}

fn without_brackets(text: &str) -> String {
    text.replace('<', " ").replace('>', "")
}

#[cfg(test)]
mod tests {
    use crate::parse;

    #[track_caller]
    fn check(line: &str) {
        let schema = parse::schema(line).expect("the line parses");
        assert_eq!(super::id_of(&schema[0]), schema[0].id, "{line}");
    }

    #[test]
    fn ids_of_known_definitions_are_recomputed() {
        check("inputFile#f52ff27f id:long parts:int name:string md5_checksum:string = InputFile;");
        check(
            "documentAttributeAudio#9852f9c6 flags:# voice:flags.10?true duration:int title:flags.0?string performer:flags.1?string waveform:flags.2?bytes = DocumentAttribute;",
        );
        check(
            "---functions---\ninvokeAfterMsgs#3dc4b4f0 {X:Type} msg_ids:Vector<long> query:!X = X;",
        );
        check(
            "---functions---\nmessages.sendVote#10ea6184 peer:InputPeer msg_id:int options:Vector<bytes> = Updates;",
        );
        check(
            "---functions---\nupload.saveFilePart#b304a621 file_id:long file_part:int bytes:bytes = Bool;",
        );
    }
}
