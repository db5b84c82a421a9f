//! Formatted text: markup of bots, entities of anybody, and back.
//!
//! What is parsed lies within its text, in UTF-16 and on the bounds of letters, nests, and is what tidying
//! leaves as it is; written as markup and parsed again it is the same; and entities from anywhere become
//! such ones.

use arbitrary::{Arbitrary, Unstructured};
use heliogram_client::text::{
    Entity, Formatted, Kind, clean, parse_html, parse_markdown, parse_markdown_v2, tidy, to_html,
    to_markdown_v2,
};

pub(super) fn check(input: &[u8]) {
    let Some((&kind, rest)) = input.split_first() else { return };
    if kind & 3 == 3 {
        return check_entities(rest);
    }
    let markup = String::from_utf8_lossy(rest);
    let parsed = match kind & 3 {
        0 => parse_html(&markup),
        1 => parse_markdown(&markup),
        _ => parse_markdown_v2(&markup),
    };
    match parsed {
        Ok(formatted) => check_formatted(&formatted),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn check_formatted(formatted: &Formatted) {
    check_shape(formatted);
    assert_eq!(tidy(formatted.entities.clone()), formatted.entities, "not tidy");
    check_written(formatted, to_html(formatted), parse_html(&to_html(formatted)));
    if is_sayable_in_markdown(formatted) {
        let markdown = to_markdown_v2(formatted);
        check_written(formatted, markdown.clone(), parse_markdown_v2(&markdown));
    }
    let cleaned = clean(formatted);
    check_shape(&cleaned);
    assert_eq!(clean(&cleaned), cleaned, "cleaned twice");
}

fn check_written(
    formatted: &Formatted,
    markup: String,
    again: Result<Formatted, heliogram_client::text::ParseError>,
) {
    let again = again.unwrap_or_else(|error| panic!("{markup:?} of {formatted:?}: {error}"));
    assert_eq!(again, *formatted, "by way of {markup:?}");
}

/// Quotations of Markdown fill their lines, do not touch, begin nothing longer, and nothing ends where
/// they begin; languages are words.
fn is_sayable_in_markdown(formatted: &Formatted) -> bool {
    let units: Vec<u16> = formatted.text.encode_utf16().collect();
    let is_break = |at: usize| units.get(at) == Some(&u16::from(b'\n'));
    let mut last_end = None;
    formatted.entities.iter().enumerate().all(|(number, entity)| match &entity.kind {
        Kind::Pre { language } => !language.chars().any(|c| c.is_whitespace() || c == '`'),
        Kind::Blockquote { .. } => {
            let before = entity.offset.checked_sub(1);
            let is_first = number.checked_sub(1).and_then(|before| formatted.entities.get(before));
            let fills = before.is_none_or(is_break)
                && (entity.end() == units.len() || is_break(entity.end()))
                && is_first.is_none_or(|outer| outer.offset < entity.offset)
                && formatted.entities.iter().all(|other| other.end() != entity.offset);
            let touches = last_end.is_some_and(|end| end + 1 >= entity.offset);
            last_end = Some(entity.end());
            fills && !touches
        }
        _ => true,
    })
}

/// Entities lie on letters, are sorted and nest.
fn check_shape(formatted: &Formatted) {
    let mut places = vec![0];
    for letter in formatted.text.chars() {
        places.push(places[places.len() - 1] + letter.len_utf16());
    }
    let mut open: Vec<usize> = Vec::new();
    let mut last = 0;
    for entity in &formatted.entities {
        assert!(entity.length > 0, "{formatted:?}");
        for place in [entity.offset, entity.end()] {
            assert!(
                places.binary_search(&place).is_ok(),
                "{entity:?} splits a letter of {formatted:?}"
            );
        }
        assert!(entity.offset >= last, "{formatted:?} is not sorted");
        last = entity.offset;
        while open.last().is_some_and(|end| *end <= entity.offset) {
            open.pop();
        }
        assert!(
            open.last().is_none_or(|end| entity.end() <= *end),
            "{entity:?} crosses: {formatted:?}"
        );
        open.push(entity.end());
    }
}

#[derive(Arbitrary, Debug)]
struct Given {
    text: String,
    entities: Vec<(u16, u16, u8)>,
    is_far: bool,
}

/// Entities as a client may send them, over any stretch.
fn check_entities(input: &[u8]) {
    let Ok(given) = Given::arbitrary(&mut Unstructured::new(input)) else { return };
    let far = if given.is_far { 1 << 40 } else { 0 };
    let entities = given.entities.iter().take(40).map(|(offset, length, which)| Entity {
        offset: far + usize::from(*offset % 64),
        length: usize::from(*length % 64),
        kind: kind(*which),
    });
    let tidied = tidy(entities.collect());
    assert_eq!(tidy(tidied.clone()), tidied, "tidied twice");
    let cleaned = clean(&Formatted { text: given.text, entities: tidied });
    check_shape(&cleaned);
}

fn kind(which: u8) -> Kind {
    match which % 12 {
        0 => Kind::Bold,
        1 => Kind::Italic,
        2 => Kind::Underline,
        3 => Kind::Strikethrough,
        4 => Kind::Spoiler,
        5 => Kind::Code,
        6 => {
            Kind::Pre { language: if which & 16 == 0 { String::new() } else { "rust".to_owned() } }
        }
        7 => Kind::TextLink { url: "http://a.b/".to_owned() },
        8 => Kind::TextMention { user_id: 7 },
        9 => Kind::CustomEmoji { id: 5 },
        10 => Kind::Blockquote { expandable: which & 16 == 0 },
        _ => Kind::Mention,
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let html = [
        "<b>a.<i>b</i></b> &lt;c&gt; <code>d`\\</code>",
        "<pre><code class=\"language-rust\">fn()</code></pre>",
        "<a href=\"http://a.b/(x)?y&amp;z\">t</a> <tg-emoji emoji-id=\"5\">😀</tg-emoji>",
        "x\n<blockquote expandable>a\nb</blockquote><u>q</u><s>r</s>",
        "<tg-spoiler>😀<u>x</u></tg-spoiler><a href='tg://user?id=9'>t</a>&#x41;",
        "<tg-time unix=\"5\" format=\"tD\">then</tg-time><span class=\"tg-spoiler\">a</span>",
    ];
    let markdown = ["*b* _i_ `c` ```py\nx``` [t](http://a.b/) \\_", "[t](tg://user?id=4)"];
    let markdown_v2 = [
        "*a _b_* __u__ ~s~ ||h|| `c` ```py\na.b``` [t](http://a.b/\\))",
        ">a\n>b||\nc\n![x](tg://emoji?id=5) ![x](tg://time?unix=5&format=tD)",
    ];
    let seed = |kind: u8| move |text: &&str| [&[kind][..], text.as_bytes()].concat();
    let mut seeds: Vec<_> = html.iter().map(seed(0)).collect();
    seeds.extend(markdown.iter().map(seed(1)));
    seeds.extend(markdown_v2.iter().map(seed(2)));
    seeds.extend(super::noise(4, 200).into_iter().map(|noise| [&[3][..], &noise].concat()));
    seeds
}
