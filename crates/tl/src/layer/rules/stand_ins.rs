//! Constructors that clients write where the schema asks for another type's.
//!
//! Seen: pyrogram 2.0.106 resolves everybody to an `InputPeer` and sends that wherever an `InputUser`
//! or an `InputChannel` is due, as in `users.getUsers`. The layouts agree, so the id says enough.

use crate::layer::table::{self, Definition, Layer, Of, TypeRow};

/// Type asked for, constructor that stands in, constructor that is meant.
const STAND_INS: [(&str, &str, &str); 7] = [
    ("InputChannel", "inputPeerChannel", "inputChannel"),
    ("InputChannel", "inputPeerChannelFromMessage", "inputChannelFromMessage"),
    ("InputChannel", "inputPeerEmpty", "inputChannelEmpty"),
    ("InputUser", "inputPeerEmpty", "inputUserEmpty"),
    ("InputUser", "inputPeerSelf", "inputUserSelf"),
    ("InputUser", "inputPeerUser", "inputUser"),
    ("InputUser", "inputPeerUserFromMessage", "inputUserFromMessage"),
];

/// What is meant by a constructor where a value of the type is due.
pub(in crate::layer) fn meant(row: TypeRow, found: &Definition) -> Option<&'static Definition> {
    let (_, _, meant) = STAND_INS.iter().find(|(of, stand_in, _)| {
        *of == table::type_spelling(row) && *stand_in == found.spelling()
    })?;
    Layer::NEWEST.constructor(meant)
}

/// Whether values of the type have stand-ins, so that they are looked at even if nothing changed.
pub(in crate::layer) fn has_some(of: Of) -> bool {
    let Of::Boxed(name) = of else { return false };
    STAND_INS.iter().any(|(of, _, _)| *of == table::TYPE_NAMES[usize::from(name)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stand_in_has_the_layout_of_what_is_meant() {
        for (_, stand_in, meant) in STAND_INS {
            let layout = |name| {
                let definition = Layer::NEWEST.constructor(name).expect("the schema has it");
                definition
                    .fields()
                    .iter()
                    .map(|field| (field.of, field.presence))
                    .collect::<Vec<_>>()
            };
            assert_eq!(layout(stand_in), layout(meant), "{stand_in}");
        }
    }
}
