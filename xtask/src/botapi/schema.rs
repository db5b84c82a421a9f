//! Our text form of the Bot API: one line per type, method and field.
//!
//! ```text
//! == Section of the official page
//! type Name               union Name by tag_field      method name -> Result
//!   field Type              Member                       parameter? Type
//! ```
//!
//! A question mark makes a field optional. Types are `Integer`, `String`, `Boolean`, `True`,
//! `Float`, a name, `[Type]`, alternatives `A|B`, or a quoted constant. The supplement adds
//! `extend Name` (more fields), `shorthand Name field` (a bare string stands for that object)
//! and `alias A|B = Name`.

use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) required: bool,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// A scalar or a declared name.
    Name(String),
    Array(Box<Self>),
    /// A string that is always the same.
    Constant(String),
}

#[derive(Clone, Debug)]
pub(super) enum Shape {
    Object(Vec<Field>),
    Union { tag: Option<String>, members: Vec<Kind> },
}

#[derive(Clone, Debug)]
pub(super) struct Type {
    pub(super) section: String,
    pub(super) name: String,
    pub(super) shape: Shape,
    /// The field that a bare string stands for.
    pub(super) shorthand: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Method {
    pub(super) section: String,
    pub(super) name: String,
    pub(super) params: Vec<Field>,
    pub(super) result: Kind,
}

#[derive(Debug, Default)]
pub(super) struct Schema {
    pub(super) types: Vec<Type>,
    pub(super) methods: Vec<Method>,
    aliases: BTreeMap<String, String>,
    index: BTreeMap<String, usize>,
}

/// What the indented lines that follow belong to.
#[derive(Clone, Copy)]
enum Open {
    Nothing,
    Type(usize),
    Method(usize),
}

impl Schema {
    pub(super) fn parse(texts: &[&str]) -> Result<Self, String> {
        let mut schema = Self::default();
        for line in texts.iter().flat_map(|text| text.lines()) {
            if let Some(alias) = line.strip_prefix("alias ") {
                let (from, to) = alias.split_once(" = ").ok_or_else(|| bad(line))?;
                schema.aliases.insert(from.to_owned(), to.to_owned());
            }
        }
        for text in texts {
            schema.read(text)?;
        }
        Ok(schema)
    }

    fn read(&mut self, text: &str) -> Result<(), String> {
        let mut section = String::new();
        let mut open = Open::Nothing;
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            if line.starts_with("  ") {
                self.member(open, &words).ok_or_else(|| bad(line))?;
                continue;
            }
            open = match words.as_slice() {
                [] | ["#" | "alias", ..] => Open::Nothing,
                ["==", title @ ..] => {
                    section = title.join(" ");
                    Open::Nothing
                }
                ["type", name] => self.declare(&section, name, Shape::Object(Vec::new())),
                ["union", name] => self.union(&section, name, None),
                ["union", name, "by", tag] => self.union(&section, name, Some((*tag).to_owned())),
                ["extend", name] => self.find(name).ok_or_else(|| bad(line))?,
                ["shorthand", name, field] => {
                    let at = *self.index.get(*name).ok_or_else(|| bad(line))?;
                    self.types[at].shorthand = Some((*field).to_owned());
                    Open::Nothing
                }
                ["method", name, "->", result] => {
                    let result = self.kind(result);
                    let (section, name) = (section.clone(), (*name).to_owned());
                    self.methods.push(Method { section, name, params: Vec::new(), result });
                    Open::Method(self.methods.len() - 1)
                }
                _ => return Err(bad(line)),
            };
        }
        Ok(())
    }

    fn union(&mut self, section: &str, name: &str, tag: Option<String>) -> Open {
        self.declare(section, name, Shape::Union { tag, members: Vec::new() })
    }

    fn declare(&mut self, section: &str, name: &str, shape: Shape) -> Open {
        let (section, name) = (section.to_owned(), name.to_owned());
        self.index.insert(name.clone(), self.types.len());
        self.types.push(Type { section, name, shape, shorthand: None });
        Open::Type(self.types.len() - 1)
    }

    fn find(&self, name: &str) -> Option<Open> {
        let method = || self.methods.iter().position(|method| method.name == name);
        self.index.get(name).map(|at| Open::Type(*at)).or_else(|| method().map(Open::Method))
    }

    fn member(&mut self, open: Open, words: &[&str]) -> Option<()> {
        let field = |schema: &Self| {
            let [name, kind] = words else { return None };
            let required = !name.ends_with('?');
            let name = name.trim_end_matches('?').to_owned();
            Some(Field { name, required, kind: schema.kind(kind) })
        };
        match open {
            Open::Nothing => return None,
            Open::Method(at) => {
                let field = field(self)?;
                self.methods[at].params.push(field);
            }
            Open::Type(at) => match &self.types[at].shape {
                Shape::Object(_) => {
                    let field = field(self)?;
                    if let Shape::Object(fields) = &mut self.types[at].shape {
                        fields.push(field);
                    }
                }
                Shape::Union { .. } => {
                    let member = self.kind(words.first()?);
                    if let Shape::Union { members, .. } = &mut self.types[at].shape {
                        members.push(member);
                    }
                }
            },
        }
        Some(())
    }

    fn kind(&self, text: &str) -> Kind {
        if let Some(alias) = self.aliases.get(text) {
            return self.kind(alias);
        }
        if let Some(inner) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            return Kind::Array(Box::new(self.kind(inner)));
        }
        match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
            Some(constant) => Kind::Constant(constant.to_owned()),
            None => Kind::Name(text.to_owned()),
        }
    }

    pub(super) fn find_type(&self, name: &str) -> Option<&Type> {
        self.index.get(name).and_then(|at| self.types.get(*at))
    }

    /// Fields of an object; unions have none.
    pub(super) fn fields(&self, name: &str) -> &[Field] {
        match self.find_type(name).map(|found| &found.shape) {
            Some(Shape::Object(fields)) => fields,
            _ => &[],
        }
    }

    /// The constant that tells `member` from its siblings.
    pub(super) fn tag_value(&self, member: &str, tag: &str) -> Option<&str> {
        self.fields(member).iter().find_map(|field| match &field.kind {
            Kind::Constant(value) if field.name == tag => Some(value.as_str()),
            _ => None,
        })
    }

    /// The tag field by which some union tells this type; the union writes it, not the type.
    pub(super) fn tag_of(&self, name: &str) -> Option<&str> {
        self.types.iter().find_map(|found| match &found.shape {
            Shape::Union { tag: Some(tag), members } if members.iter().any(|m| m.is(name)) => {
                Some(tag.as_str())
            }
            _ => None,
        })
    }

    /// Every declared name reachable from `roots`.
    pub(super) fn reachable<'a>(&'a self, roots: impl Iterator<Item = &'a Kind>) -> Vec<&'a str> {
        let mut found = Vec::new();
        let mut queue: Vec<&Kind> = roots.collect();
        while let Some(kind) = queue.pop() {
            let Some(declared) = kind.name().and_then(|name| self.find_type(name)) else {
                continue;
            };
            if found.contains(&declared.name.as_str()) {
                continue;
            }
            found.push(declared.name.as_str());
            match &declared.shape {
                Shape::Object(fields) => queue.extend(fields.iter().map(|field| &field.kind)),
                Shape::Union { members, .. } => queue.extend(members),
            }
        }
        found
    }
}

impl Kind {
    /// The name at the bottom of any number of arrays.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Array(inner) => inner.name(),
            Self::Constant(_) => None,
        }
    }

    fn is(&self, name: &str) -> bool {
        matches!(self, Self::Name(own) if own == name)
    }
}

fn bad(line: &str) -> String {
    format!("not a schema line: {line}")
}
