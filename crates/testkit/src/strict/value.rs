//! Values of any layer, by the names that the schema gives them.

/// A value of some layer.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `int`.
    Int(i32),
    /// `long`.
    Long(i64),
    /// `double`.
    Double(f64),
    /// `int128` or `int256`.
    Raw(Vec<u8>),
    /// `string` or `bytes`.
    Bytes(Vec<u8>),
    /// `Bool`.
    Bool(bool),
    /// A flag that is set.
    True,
    /// A vector of anything.
    Vector(Vec<Self>),
    /// A constructor and its fields.
    Object(Object),
}

/// A constructor and those of its fields that are there.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// The constructor, as the schema spells it.
    pub name: &'static str,
    /// The fields in the order of the schema.
    pub fields: Vec<(&'static str, Value)>,
}

/// A constructor with some of its fields; required ones that are not named are empty.
pub fn object<const N: usize>(name: &'static str, fields: [(&'static str, Value); N]) -> Value {
    Value::Object(Object { name, fields: fields.into() })
}

impl Value {
    /// The constructor's name; none if it is no object.
    pub fn name(&self) -> Option<&'static str> {
        match self {
            Self::Object(object) => Some(object.name),
            _ => None,
        }
    }

    /// A field of an object, if it is there.
    pub fn field(&self, name: &str) -> Option<&Self> {
        let Self::Object(object) = self else { return None };
        object.fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value)
    }

    /// The items of a vector, or of a field that is one; none of anything else.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::Vector(items) => items,
            _ => &[],
        }
    }

    /// The text of a string.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// The number of an `int` or a `long`.
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some((*number).into()),
            Self::Long(number) => Some(*number),
            _ => None,
        }
    }

    /// This value and all that are in it, each before what it holds.
    pub fn all(&self) -> Vec<&Self> {
        let mut found = vec![self];
        let mut place = 0;
        while let Some(value) = found.get(place).copied() {
            match value {
                Self::Vector(items) => found.extend(items),
                Self::Object(object) => found.extend(object.fields.iter().map(|(_, held)| held)),
                _ => {}
            }
            place += 1;
        }
        found
    }

    /// All objects of that constructor in this value.
    pub fn named(&self, name: &str) -> Vec<&Self> {
        self.all().into_iter().filter(|value| value.name() == Some(name)).collect()
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Int(number)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Long(number)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Double(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Bytes(text.as_bytes().to_vec())
    }
}

impl From<Vec<Self>> for Value {
    fn from(items: Vec<Self>) -> Self {
        Self::Vector(items)
    }
}
