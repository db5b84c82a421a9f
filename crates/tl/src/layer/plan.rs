//! What to do with each definition when the target is a certain layer, worked out once.

use std::sync::OnceLock;

use super::rules::{self, fallbacks::Fallback, objects::ObjectRule};
use super::table::{self, Definition, Field, Layer, Of, Presence, TypeRow};

/// What to do with each definition and type when the target is one layer.
pub(super) struct Plan {
    /// The target.
    pub(super) layer: Layer,
    treatments: Box<[Treatment]>,
    transparent: Box<[bool]>,
    fallbacks: Box<[Option<&'static Fallback>]>,
}

/// What becomes of a value of some definition.
#[derive(Clone, Copy)]
pub(super) enum Treatment {
    /// The target has the same id: fields are copied one by one.
    Same,
    /// The target has another definition of the name.
    Convert(&'static Definition),
    /// A rule knows better.
    Rule(&'static ObjectRule),
    /// The target has nothing of the name.
    Absent,
}

impl Plan {
    /// The plan for a layer; made when first asked for.
    pub(super) fn of(layer: Layer) -> &'static Self {
        static PLANS: [OnceLock<Plan>; table::LAYERS.len()] =
            [const { OnceLock::new() }; table::LAYERS.len()];
        PLANS[layer.row()].get_or_init(|| Self::new(layer))
    }

    fn new(layer: Layer) -> Self {
        let treatments: Box<[Treatment]> =
            table::definitions().iter().map(|definition| treatment(layer, definition)).collect();
        let transparent = transparent(layer, &treatments);
        let fallbacks = table::TYPE_NAMES.iter().map(|name| rules::fallbacks::of(name)).collect();
        Self { layer, treatments, transparent, fallbacks }
    }

    /// What becomes of a value of this definition.
    pub(super) fn treatment(&self, definition: &Definition) -> Treatment {
        self.treatments[usize::from(definition.row)]
    }

    /// Whether every value of the type is the same in the target layer.
    pub(super) fn is_transparent(&self, row: TypeRow) -> bool {
        self.transparent[usize::from(row)]
    }

    /// Whether every value of the definition is the same in the target layer.
    pub(super) fn is_unchanged(&self, definition: &Definition) -> bool {
        is_unchanged(definition, self.treatment(definition), &self.transparent)
    }

    /// What to write for a value of the type that the target cannot say.
    pub(super) fn fallback(&self, row: TypeRow) -> Option<&'static Fallback> {
        match table::of(row) {
            Of::Boxed(name) => self.fallbacks[usize::from(name)],
            _ => None,
        }
    }
}

fn treatment(layer: Layer, definition: &'static Definition) -> Treatment {
    if let Some(rule) = rules::objects::of(definition, layer) {
        return Treatment::Rule(rule);
    }
    match layer.current(definition.name) {
        Some(current) if current.id == definition.id => Treatment::Same,
        Some(current) => Treatment::Convert(current),
        None if definition.is_function && layer == Layer::NEWEST => {
            rules::legacy::today(definition).map_or(Treatment::Absent, Treatment::Convert)
        }
        None => Treatment::Absent,
    }
}

/// The greatest set of types none of whose values can change: all are taken to be in it, and those
/// with a changed constructor, or a field whose type is out, fall out until none does.
fn transparent(layer: Layer, treatments: &[Treatment]) -> Box<[bool]> {
    // A wrapped query is looked into whatever the layer, and what has stand-ins when it comes in.
    let is_looked_into =
        |of: &Of| *of == Of::Generic || layer == Layer::NEWEST && rules::stand_ins::has_some(*of);
    let mut transparent: Box<[bool]> = table::TYPES.iter().map(|of| !is_looked_into(of)).collect();
    loop {
        let mut is_stable = true;
        for (definition, treatment) in table::definitions().iter().zip(treatments) {
            // Only the newest layer makes values for another; old ones come in as requests.
            let can_occur = layer == Layer::NEWEST || Layer::NEWEST.has(definition);
            let of = usize::from(definition.result);
            if !definition.is_function
                && can_occur
                && transparent[of]
                && !is_unchanged(definition, *treatment, &transparent)
            {
                transparent[of] = false;
                is_stable = false;
            }
        }
        for row in 0..table::TYPES.len() {
            if let Of::Vector(item) = table::TYPES[row]
                && transparent[row]
                && !transparent[usize::from(item)]
            {
                transparent[row] = false;
                is_stable = false;
            }
        }
        if is_stable {
            return transparent;
        }
    }
}

fn is_unchanged(definition: &Definition, treatment: Treatment, transparent: &[bool]) -> bool {
    let holds = |field: &Field| {
        matches!(field.presence, Presence::Word(_)) || transparent[usize::from(field.of)]
    };
    matches!(treatment, Treatment::Same) && definition.fields().iter().all(holds)
}
