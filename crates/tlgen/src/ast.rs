//! The syntax tree of a TL schema.
//!
//! Spec: core.telegram.org/mtproto/TL-formal.

use std::fmt;

/// A name with its optional namespace: `messages.sendMessage`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Name {
    /// What stands before the dot.
    pub namespace: Option<String>,
    /// What stands after it, or the whole.
    pub ident: String,
}

/// Whether a definition makes values or calls.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// A constructor of its result type.
    Type,
    /// A function that answers with its result type.
    Function,
}

/// One line of a schema: a constructor or a function.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Definition {
    /// Constructor or function.
    pub kind: Kind,
    /// Its name as the schema spells it.
    pub name: Name,
    /// The number that stands for it on the wire; computed where the text leaves it out.
    pub id: u32,
    /// `{X:Type}`: the function wraps another query.
    pub is_generic: bool,
    /// Its fields in wire order, flag words included.
    pub fields: Vec<Field>,
    /// What stands right of the equals sign.
    pub result: Type,
}

/// One field of a definition.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Field {
    /// Its name as the schema spells it.
    pub name: String,
    /// What it holds and when it is there.
    pub shape: Shape,
}

/// What a field holds and when it is there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Shape {
    /// A flag word (`#`): says which optional fields follow.
    Flags,
    /// Always there.
    Required(Type),
    /// There if a bit of a flag word is set. `true` takes no bytes: the bit is the value.
    Optional {
        /// The flag word's field name.
        word: String,
        /// The bit within it, 0 to 31.
        bit: u8,
        /// What is there then.
        of: Type,
    },
}

/// The type of a field or result.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Type {
    /// 32-bit signed integer.
    Int,
    /// 64-bit signed integer.
    Long,
    /// 64-bit IEEE float.
    Double,
    /// 16 raw bytes.
    Int128,
    /// 32 raw bytes.
    Int256,
    /// Length-prefixed text.
    String,
    /// Length-prefixed bytes.
    Bytes,
    /// `boolTrue` or `boolFalse`.
    Bool,
    /// The empty type of flag bits.
    True,
    /// A count and so many items; a bare one goes without its constructor id.
    Vector {
        /// Written `vector<…>`: no id on the wire.
        bare: bool,
        /// The type of each item.
        item: Box<Self>,
    },
    /// A wrapped query (`!X`) or its result (`X`): anything at all.
    Generic,
    /// A type of the schema; bare (lower case or `%`) ones go without their constructor id.
    Named {
        /// The type's name, or the constructor's if bare.
        name: Name,
        /// No id on the wire.
        bare: bool,
    },
}

impl Field {
    /// Whether this is `name:flags.N?true`.
    pub fn is_true_flag(&self) -> bool {
        matches!(self.shape, Shape::Optional { of: Type::True, .. })
    }
}

impl Name {
    /// Splits `messages.sendMessage` at its dot.
    pub fn parse(text: &str) -> Self {
        match text.split_once('.') {
            Some((namespace, ident)) => {
                Self { namespace: Some(namespace.to_owned()), ident: ident.to_owned() }
            }
            None => Self { namespace: None, ident: text.to_owned() },
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}.")?;
        }
        f.write_str(&self.ident)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int => f.write_str("int"),
            Self::Long => f.write_str("long"),
            Self::Double => f.write_str("double"),
            Self::Int128 => f.write_str("int128"),
            Self::Int256 => f.write_str("int256"),
            Self::String => f.write_str("string"),
            Self::Bytes => f.write_str("bytes"),
            Self::Bool => f.write_str("Bool"),
            Self::True => f.write_str("true"),
            Self::Vector { bare: true, item } => write!(f, "vector<{item}>"),
            Self::Vector { bare: false, item } => write!(f, "Vector<{item}>"),
            Self::Generic => f.write_str("X"),
            Self::Named { name, .. } => name.fmt(f),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.shape {
            Shape::Flags => write!(f, "{}:#", self.name),
            Shape::Required(Type::Generic) => write!(f, "{}:!X", self.name),
            Shape::Required(of) => write!(f, "{}:{of}", self.name),
            Shape::Optional { word, bit, of } => write!(f, "{}:{word}.{bit}?{of}", self.name),
        }
    }
}

/// The definition as one line of schema text, without the closing semicolon.
impl fmt::Display for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{:x}", self.name, self.id)?;
        if self.is_generic {
            f.write_str(" {X:Type}")?;
        }
        for field in &self.fields {
            write!(f, " {field}")?;
        }
        write!(f, " = {}", self.result)
    }
}
