//! Every definition of every imported layer, as generated read-only rows.

include!(concat!(env!("OUT_DIR"), "/tables.rs"));

/// "No such row" in 16-bit columns.
const NONE: u16 = u16::MAX;

/// A constructor or function of some layer.
#[derive(Debug)]
pub(super) struct Definition {
    /// Its number on the wire.
    pub(super) id: u32,
    /// Its row among all definitions.
    pub(super) row: u16,
    /// Row of its name: the same for its versions in all layers.
    pub(super) name: u16,
    /// Row of the type it makes or answers with.
    pub(super) result: TypeRow,
    first: u16,
    count: u8,
    /// Whether it is called rather than held.
    pub(super) is_function: bool,
    /// Whether a field with bytes hangs on one bit with others, be they flags or fields.
    pub(super) shares_bits: bool,
}

/// Row of a type.
pub(super) type TypeRow = u16;

/// One field of a definition.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Field {
    /// Row of its name.
    pub(super) name: u16,
    /// What it holds.
    pub(super) of: TypeRow,
    /// When it is there.
    pub(super) presence: Presence,
}

/// When a field is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Presence {
    /// It is the flag word of this number.
    Word(u8),
    /// Always.
    Required,
    /// If the bit of the numbered flag word is set.
    Optional { word: u8, bit: u8 },
}

/// What a field or vector holds.
#[allow(dead_code, reason = "which of them occur is up to the schema")]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Of {
    Int,
    Long,
    Double,
    Int128,
    Int256,
    String,
    Bytes,
    Bool,
    True,
    Generic,
    /// A vector with items of the type in this row.
    Vector(TypeRow),
    /// A boxed type; row of its name.
    Boxed(u16),
}

/// Flag words of a definition at most: one more than any has so far.
pub(super) const WORDS_MAX: usize = 3;

impl Field {
    const fn word(name: u16, word: u8) -> Self {
        Self { name, of: NONE, presence: Presence::Word(word) }
    }

    const fn required(name: u16, of: TypeRow) -> Self {
        Self { name, of, presence: Presence::Required }
    }

    const fn optional(name: u16, of: TypeRow, word: u8, bit: u8) -> Self {
        Self { name, of, presence: Presence::Optional { word, bit } }
    }

    /// The schema's spelling.
    pub(super) fn spelling(&self) -> &'static str {
        FIELD_NAMES[usize::from(self.name)]
    }
}

impl Definition {
    /// Its fields in wire order, flag words included.
    pub(super) fn fields(&self) -> &'static [Field] {
        let first = usize::from(self.first);
        &FIELDS[first..first + usize::from(self.count)]
    }

    /// The schema's spelling.
    pub(super) fn spelling(&self) -> &'static str {
        NAMES[usize::from(self.name)]
    }

    /// The field of this name.
    pub(super) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields().iter().find(|field| field.spelling() == name)
    }
}

/// What a type row holds.
pub(super) fn of(row: TypeRow) -> Of {
    TYPES[usize::from(row)]
}

/// How a type is spelt: `Vector<Peer>` without the vector is `Peer`.
pub(super) fn type_spelling(row: TypeRow) -> &'static str {
    match of(row) {
        Of::Int => "int",
        Of::Long => "long",
        Of::Double => "double",
        Of::Int128 => "int128",
        Of::Int256 => "int256",
        Of::String => "string",
        Of::Bytes => "bytes",
        Of::Bool => "Bool",
        Of::True => "true",
        Of::Generic => "X",
        Of::Vector(_) => "Vector",
        Of::Boxed(name) => TYPE_NAMES[usize::from(name)],
    }
}

/// The definition with this id, whatever its layer.
pub(super) fn definition(id: u32) -> Option<&'static Definition> {
    let mut slot = usize::try_from(id.wrapping_mul(0x9e37_79b1) >> (32 - SLOT_BITS)).ok()?;
    // Half the slots are empty, so a run of taken ones is short.
    loop {
        let row = SLOTS[slot];
        let found = DEFINITIONS.get(usize::from(row))?;
        if found.id == id {
            return Some(found);
        }
        slot = (slot + 1) % SLOTS.len();
    }
}

/// Every definition, ascending by id.
pub(super) fn definitions() -> &'static [Definition] {
    &DEFINITIONS
}

/// Row of the name of a constructor or function. Types stand before functions, each sorted.
fn name_row(name: &str, is_function: bool) -> Option<u16> {
    let (types, functions) = NAMES.split_at(FUNCTIONS_FROM);
    let found = match is_function {
        false => types.binary_search(&name).ok()?,
        true => FUNCTIONS_FROM + functions.binary_search(&name).ok()?,
    };
    u16::try_from(found).ok()
}

/// One imported layer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Layer(usize);

impl Layer {
    /// The newest.
    pub(super) const NEWEST: Self = Self(LAYERS.len() - 1);

    /// Every imported layer, ascending.
    #[cfg(any(test, fuzzing))]
    pub(super) fn all() -> impl Iterator<Item = Self> {
        (0..LAYERS.len()).map(Self)
    }

    /// The layer that a client of `layer` is served as: the nearest below, else the oldest.
    pub(super) fn serving(layer: i32) -> Self {
        Self(LAYERS.partition_point(|imported| *imported <= layer).saturating_sub(1))
    }

    /// Its place among the imported layers.
    pub(super) const fn row(self) -> usize {
        self.0
    }

    /// Its number.
    pub(super) fn number(self) -> i32 {
        LAYERS[self.0]
    }

    /// The definition of a name that is current in this layer.
    pub(super) fn current(self, name: u16) -> Option<&'static Definition> {
        DEFINITIONS.get(usize::from(CURRENT[self.0][usize::from(name)]))
    }

    /// The constructor of this name.
    pub(super) fn constructor(self, name: &str) -> Option<&'static Definition> {
        self.current(name_row(name, false)?)
    }

    /// The function of this name.
    pub(super) fn function(self, name: &str) -> Option<&'static Definition> {
        self.current(name_row(name, true)?)
    }

    /// Whether a definition is current in this layer.
    pub(super) fn has(self, definition: &Definition) -> bool {
        self.current(definition.name).is_some_and(|current| current.id == definition.id)
    }
}

/// Whether a layer's schema was imported; others are served as the [`nearest`].
pub fn is_known(layer: i32) -> bool {
    LAYERS.contains(&layer)
}

/// The imported layer that a client of `layer` is served as: the nearest below, else the oldest.
pub fn nearest(layer: i32) -> i32 {
    Layer::serving(layer).number()
}

/// The schema's spelling of a function, whichever layer has the id.
pub fn function_name(id: u32) -> Option<&'static str> {
    definition(id).filter(|definition| definition.is_function).map(Definition::spelling)
}

/// Every function of the newest layer, by the schema's spelling.
pub fn functions() -> impl Iterator<Item = &'static str> {
    let is_current =
        |definition: &&Definition| definition.is_function && Layer::NEWEST.has(definition);
    definitions().iter().filter(is_current).map(Definition::spelling)
}

/// The id by which the newest layer calls the function that some layer calls `id`.
pub fn function_id(id: u32) -> Option<u32> {
    let called = definition(id).filter(|definition| definition.is_function)?;
    super::rules::legacy::today(called).map(|today| today.id)
}
