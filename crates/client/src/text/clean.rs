//! Takes out of a text what no message may contain, and moves the entities along.

use super::entities::{Entity, Formatted};
use super::nesting::tidy;

/// Carriage returns and invisible direction marks go, control characters become spaces, and the
/// ends are trimmed.
pub fn clean(formatted: &Formatted) -> Formatted {
    let mut text = String::with_capacity(formatted.text.len());
    // For every UTF-16 unit of the old text, how many units of the new one precede it.
    let mut moved = Vec::with_capacity(formatted.text.len() + 1);
    let mut length = 0;
    for letter in formatted.text.chars() {
        moved.extend(std::iter::repeat_n(length, letter.len_utf16()));
        let kept = match letter {
            '\r' | '\u{2028}'..='\u{202e}' | '\u{333}' | '\u{33f}' | '\u{30a}' => continue,
            '\n' => '\n',
            letter if u32::from(letter) < 32 => ' ',
            letter => letter,
        };
        text.push(kept);
        length += kept.len_utf16();
    }
    moved.push(length);
    let lead = text.len() - text.trim_start_matches([' ', '\n']).len();
    let trimmed = text.trim_matches([' ', '\n']);
    let width = trimmed.encode_utf16().count();
    let place = |at: usize| {
        let at = moved.get(at).copied().unwrap_or(length);
        // What is trimmed in front is ASCII: as many units as bytes.
        at.saturating_sub(lead).min(width)
    };
    let entities = formatted.entities.iter().map(|entity| {
        let (offset, end) = (place(entity.offset), place(entity.end()));
        Entity { offset, length: end.saturating_sub(offset), kind: entity.kind.clone() }
    });
    Formatted { entities: tidy(entities.collect()), text: trimmed.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Kind;

    #[test]
    fn entities_move_with_their_text() {
        let entity = |offset, length| Entity { offset, length, kind: Kind::Bold };
        let dirty = Formatted { text: " \r\n😀\tx\r  ".to_owned(), entities: vec![entity(0, 6)] };
        let expected = Formatted { text: "😀 x".to_owned(), entities: vec![entity(0, 3)] };
        assert_eq!(clean(&dirty), expected);
    }
}
