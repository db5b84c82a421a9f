//! The definitions of one layer, by id and by name.

use std::collections::{BTreeMap, HashMap, HashSet};

use heliogram_tlgen::ast::{Kind, Name, Shape, Type};

use super::history::{self, Line};

/// What one layer can say, and what can be said to it.
#[derive(Debug)]
pub struct Schema {
    layer: u32,
    by_id: HashMap<u32, &'static Line>,
    constructors: HashMap<&'static str, &'static Line>,
    functions: BTreeMap<&'static str, &'static Line>,
    /// The constructors of each type, the shallowest first.
    of_type: HashMap<&'static Name, Vec<&'static Line>>,
}

impl Schema {
    /// The schema of an imported layer.
    ///
    /// # Panics
    /// If the layer was not imported: what it says is not known.
    pub fn of_layer(layer: u32) -> Self {
        assert!(history::layers().contains(&layer), "layer {layer} was not imported");
        Self::new(layer, history::lines().iter().filter(|line| line.is_of(layer)))
    }

    /// The schema of what both sides say about messages, rather than in them.
    pub fn of_service() -> Self {
        Self::new(0, history::service_lines().iter())
    }

    /// Every imported layer, ascending.
    pub fn layers() -> &'static [u32] {
        history::layers()
    }

    /// The layer's number.
    pub const fn layer(&self) -> u32 {
        self.layer
    }

    /// Whether the layer has a constructor of this name.
    pub fn has(&self, constructor: &str) -> bool {
        self.constructors.contains_key(constructor)
    }

    /// Whether the layer has a constructor of this id.
    pub fn has_id(&self, id: u32) -> bool {
        self.by_id.contains_key(&id)
    }

    /// Whether the layer has a function of this name.
    pub fn has_function(&self, name: &str) -> bool {
        self.functions.contains_key(name)
    }

    /// The names of the layer's functions.
    pub fn functions(&self) -> impl Iterator<Item = &'static str> {
        self.functions.keys().copied()
    }

    /// The id of a function.
    ///
    /// # Panics
    /// If the layer has no such function.
    pub fn function_id(&self, name: &str) -> u32 {
        self.function(name).definition.id
    }

    pub(super) fn function(&self, name: &str) -> &'static Line {
        let found = self.functions.get(name);
        found.unwrap_or_else(|| panic!("layer {} has no function {name}", self.layer))
    }

    pub(super) fn by_id(&self, id: u32) -> Option<&'static Line> {
        self.by_id.get(&id).copied()
    }

    pub(super) fn constructor(&self, name: &str) -> Option<&'static Line> {
        self.constructors.get(name).copied()
    }

    pub(super) fn of_type(&self, name: &Name) -> &[&'static Line] {
        self.of_type.get(name).map_or(&[], Vec::as_slice)
    }

    fn new(layer: u32, lines: impl Iterator<Item = &'static Line>) -> Self {
        let (types, functions): (Vec<_>, Vec<_>) =
            lines.partition(|line| line.definition.kind == Kind::Type);
        let mut of_type: HashMap<&Name, Vec<&Line>> = HashMap::new();
        for line in shallowest_first(&types) {
            if let Type::Named { name, .. } = &line.definition.result {
                of_type.entry(name).or_default().push(line);
            }
        }
        let by_name = |line: &&'static Line| (line.name.as_str(), *line);
        Self {
            layer,
            by_id: types.iter().map(|line| (line.definition.id, *line)).collect(),
            constructors: types.iter().map(by_name).collect(),
            functions: functions.iter().map(by_name).collect(),
            of_type,
        }
    }
}

/// The constructors in the order of how deep their smallest value is: one that needs nothing comes
/// before one that needs it. Among those of one depth the empty one comes first.
fn shallowest_first(types: &[&'static Line]) -> Vec<&'static Line> {
    let mut order: Vec<&Line> = Vec::with_capacity(types.len());
    let mut known: HashSet<&Name> = HashSet::new();
    let mut left = types.to_vec();
    while !left.is_empty() {
        let (mut ready, later): (Vec<_>, Vec<_>) = left.into_iter().partition(|line| {
            line.definition.fields.iter().all(|field| match &field.shape {
                Shape::Required(Type::Named { name, bare: false }) => known.contains(name),
                _ => true,
            })
        });
        assert!(!ready.is_empty(), "values of {:?} have no end", later.first());
        ready.sort_by_key(|line| (!line.name.ends_with("Empty"), line.definition.fields.len()));
        for line in &ready {
            if let Type::Named { name, .. } = &line.definition.result {
                known.insert(name);
            }
        }
        order.extend(ready);
        left = later;
    }
    order
}
