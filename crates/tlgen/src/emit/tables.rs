//! The whole history as read-only tables, for translation between layers.
//!
//! The text is data only: rows of the types that `tl::layer::table` declares. Names are numbered
//! in sorted order, so that a definition and its versions in other layers share one number.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::ast::{Definition, Field, Kind, Shape, Type};
use crate::history::History;

/// Slots of the id lookup: a power of two, about three times the definitions.
const SLOT_BITS: u32 = 13;

/// Marks "no such row" in 16-bit columns, and "always there" in the word column.
const NONE: u16 = u16::MAX;

/// Rust text of the tables.
///
/// # Panics
/// If the history outgrows the column widths.
pub fn tables(history: &History) -> String {
    let mut definitions: Vec<&Definition> = history.entries.iter().map(|e| &e.definition).collect();
    definitions.sort_by_key(|definition| definition.id);
    let names = numbered(definitions.iter().map(|definition| key(definition)));
    let types = Types::of(&definitions);
    let fields = numbered(definitions.iter().flat_map(|d| d.fields.iter().map(|f| f.name.clone())));

    let mut out = String::from("// Generated from the schema history. Do not edit.\n");
    strings(&mut out, "NAMES", names.keys().map(|(_, name)| name.as_str()));
    strings(&mut out, "FIELD_NAMES", fields.keys().map(String::as_str));
    strings(&mut out, "TYPE_NAMES", types.named.keys().map(String::as_str));
    types.emit(&mut out);
    rows(&mut out, &definitions, &names, &fields, &types);
    slots(&mut out, &definitions);
    layers(&mut out, history, &definitions, &names);
    out
}

fn key(definition: &Definition) -> (Kind, String) {
    (definition.kind, definition.name.to_string())
}

fn numbered<T: Ord>(items: impl Iterator<Item = T>) -> BTreeMap<T, u16> {
    let sorted: std::collections::BTreeSet<T> = items.collect();
    sorted.into_iter().zip(0..NONE).collect()
}

fn strings<'a>(out: &mut String, name: &str, items: impl ExactSizeIterator<Item = &'a str>) {
    let _ = writeln!(out, "pub(super) static {name}: [&str; {}] = [", items.len());
    for item in items {
        let _ = writeln!(out, "\"{item}\",");
    }
    out.push_str("];\n");
}

/// Every type that a field or a result has, numbered.
struct Types {
    named: BTreeMap<String, u16>,
    all: BTreeMap<String, (u16, Type)>,
}

impl Types {
    fn of(definitions: &[&Definition]) -> Self {
        let mut all = BTreeMap::new();
        for definition in definitions {
            add(&mut all, &definition.result);
            for field in &definition.fields {
                if let Some(of) = held(field) {
                    add(&mut all, of);
                }
            }
        }
        for (index, row) in (0..NONE).zip(all.values_mut()) {
            row.0 = index;
        }
        let named = numbered(all.values().filter_map(|(_, of)| match of {
            Type::Named { name, .. } => Some(name.to_string()),
            _ => None,
        }));
        Self { named, all }
    }

    fn index(&self, of: &Type) -> u16 {
        self.all.get(&of.to_string()).map_or(NONE, |row| row.0)
    }

    fn emit(&self, out: &mut String) {
        let _ = writeln!(out, "pub(super) static TYPES: [Of; {}] = [", self.all.len());
        for (_, of) in self.all.values() {
            let _ = match of {
                Type::Vector { bare, item } => {
                    assert!(!bare, "the API schema has no bare vectors");
                    writeln!(out, "Of::Vector({}),", self.index(item))
                }
                Type::Named { name, bare } => {
                    assert!(!bare, "the API schema has no bare types");
                    let index = self.named.get(&name.to_string()).copied().unwrap_or(NONE);
                    writeln!(out, "Of::Boxed({index}),")
                }
                simple => writeln!(out, "Of::{simple:?},"),
            };
        }
        out.push_str("];\n");
    }
}

fn add(all: &mut BTreeMap<String, (u16, Type)>, of: &Type) {
    if let Type::Vector { item, .. } = of {
        add(all, item);
    }
    all.insert(of.to_string(), (NONE, of.clone()));
}

fn held(field: &Field) -> Option<&Type> {
    match &field.shape {
        Shape::Flags => None,
        Shape::Required(of) | Shape::Optional { of, .. } => Some(of),
    }
}

fn rows(
    out: &mut String,
    definitions: &[&Definition],
    names: &BTreeMap<(Kind, String), u16>,
    fields: &BTreeMap<String, u16>,
    types: &Types,
) {
    let mut field_rows = String::new();
    let mut first = 0;
    let types_named = names.keys().filter(|(kind, _)| *kind == Kind::Type).count();
    let _ = writeln!(
        out,
        "/// Names from here on are functions'.\nconst FUNCTIONS_FROM: usize = {types_named};"
    );
    let _ = writeln!(out, "pub(super) static DEFINITIONS: [Definition; {}] = [", definitions.len());
    for (row, definition) in definitions.iter().enumerate() {
        let count = definition.fields.len();
        let _ = writeln!(
            out,
            "Definition {{ id: {:#x}, row: {row}, name: {}, result: {}, first: {first}, count: {count}, is_function: {}, shares_bits: {} }},",
            definition.id,
            names.get(&key(definition)).copied().unwrap_or(NONE),
            types.index(&definition.result),
            definition.kind == Kind::Function,
            shares_bits(definition),
        );
        for field in &definition.fields {
            field_row(&mut field_rows, definition, field, fields, types);
        }
        first += count;
    }
    assert!(first < usize::from(NONE), "field numbers fit 16 bits");
    let _ = writeln!(out, "];\npub(super) static FIELDS: [Field; {first}] = [\n{field_rows}];");
}

fn field_row(
    out: &mut String,
    definition: &Definition,
    field: &Field,
    names: &BTreeMap<String, u16>,
    types: &Types,
) {
    let name = names.get(&field.name).copied().unwrap_or(NONE);
    let word_of = |word: &str| {
        let mut words = definition.fields.iter().filter(|field| field.shape == Shape::Flags);
        words.position(|field| field.name == word).expect("an optional field names a flag word")
    };
    let _ = match &field.shape {
        Shape::Flags => writeln!(out, "Field::word({name}, {}),", word_of(&field.name)),
        Shape::Required(of) => writeln!(out, "Field::required({name}, {}),", types.index(of)),
        Shape::Optional { word, bit, of } => {
            writeln!(out, "Field::optional({name}, {}, {}, {bit}),", types.index(of), word_of(word))
        }
    };
}

/// Whether a field with bytes hangs on one bit with others, be they flags or fields.
fn shares_bits(definition: &Definition) -> bool {
    let optional = |field: &Field| match &field.shape {
        Shape::Optional { of, word, bit } => Some((word.clone(), *bit, *of != Type::True)),
        _ => None,
    };
    let fields: Vec<_> = definition.fields.iter().filter_map(optional).collect();
    fields.iter().any(|(word, bit, has_bytes)| {
        *has_bytes && fields.iter().filter(|other| (&other.0, &other.1) == (word, bit)).count() > 1
    })
}

/// Open addressing over a multiplied id: one probe finds most definitions.
fn slots(out: &mut String, definitions: &[&Definition]) {
    let size = 1_usize << SLOT_BITS;
    assert!(definitions.len() * 2 < size, "the id lookup stays half empty");
    let mut slots = vec![NONE; size];
    for (index, definition) in (0..NONE).zip(definitions) {
        let hash = definition.id.wrapping_mul(0x9e37_79b1) >> (32 - SLOT_BITS);
        let mut slot = usize::try_from(hash).expect("a slot number is small");
        while slots[slot] != NONE {
            slot = (slot + 1) % size;
        }
        slots[slot] = index;
    }
    let _ = writeln!(out, "pub(super) const SLOT_BITS: u32 = {SLOT_BITS};");
    let _ = writeln!(out, "pub(super) static SLOTS: [u16; {size}] = {slots:?};");
}

fn layers(
    out: &mut String,
    history: &History,
    definitions: &[&Definition],
    names: &BTreeMap<(Kind, String), u16>,
) {
    let count = history.layers.len();
    let _ = writeln!(out, "pub(super) static LAYERS: [i32; {count}] = {:?};", history.layers);
    let by_id: BTreeMap<u32, u16> = definitions.iter().map(|d| d.id).zip(0..NONE).collect();
    let size = names.len();
    let _ = writeln!(out, "pub(super) static CURRENT: [[u16; {size}]; {count}] = [");
    for layer in &history.layers {
        let mut current = vec![NONE; size];
        for definition in history.of_layer(*layer) {
            if let (Some(name), Some(row)) =
                (names.get(&key(definition)), by_id.get(&definition.id))
            {
                current[usize::from(*name)] = *row;
            }
        }
        let _ = writeln!(out, "{current:?},");
    }
    out.push_str("];\n");
}
