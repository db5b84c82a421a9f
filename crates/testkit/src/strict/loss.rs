//! What was lost on the way to an older layer, though it has words for it.

use super::schema::Schema;
use super::value::{Object, Value};

impl Schema {
    /// The first thing that `today`, read by the newest layer, tells and `then`, read by this one,
    /// does not, though this layer could: a field of another value, a constructor that was replaced,
    /// an item that is gone. None if nothing is lost.
    ///
    /// Fields are compared by name. A type that changed under a name is passed over, and so are the
    /// fields that `varies` says depend on when one asks.
    pub fn loss(
        &self,
        today: &Value,
        then: &Value,
        varies: &dyn Fn(&str, &str) -> bool,
    ) -> Option<String> {
        match (today, then) {
            (Value::Vector(today), Value::Vector(then)) => self.items_lost(today, then, varies),
            (Value::Object(today), Value::Object(then)) => self.fields_lost(today, then, varies),
            (Value::Vector(_) | Value::Object(_), _) | (_, Value::Vector(_) | Value::Object(_)) => {
                None
            }
            _ if std::mem::discriminant(today) != std::mem::discriminant(then) => None,
            _ if today == then => None,
            _ => Some(format!(": {then:?} instead of {today:?}")),
        }
    }

    fn items_lost(
        &self,
        today: &[Value],
        then: &[Value],
        varies: &dyn Fn(&str, &str) -> bool,
    ) -> Option<String> {
        let sayable: Vec<&Value> =
            today.iter().filter(|item| item.name().is_none_or(|name| self.has(name))).collect();
        // What has no word of its own may still be told in others.
        if then.len() != today.len() && then.len() != sayable.len() {
            return Some(format!(": {} items of {}", then.len(), today.len()));
        }
        let today = if then.len() == today.len() { today.iter().collect() } else { sayable };
        today.into_iter().zip(then).enumerate().find_map(|(place, (today, then))| {
            self.loss(today, then, varies).map(|lost| format!("[{place}]{lost}"))
        })
    }

    fn fields_lost(
        &self,
        today: &Object,
        then: &Object,
        varies: &dyn Fn(&str, &str) -> bool,
    ) -> Option<String> {
        if today.name != then.name {
            let is_needless = self.has(today.name);
            return is_needless.then(|| format!(": {} instead of {}", then.name, today.name));
        }
        let definition = &self.constructor(then.name)?.definition;
        let has = |name: &str| definition.fields.iter().any(|field| field.name == name);
        let sayable = today.fields.iter().filter(|(name, _)| has(name));
        sayable.filter(|(name, _)| !varies(today.name, name)).find_map(|(name, value)| {
            let told = then.fields.iter().find(|(field, _)| field == name);
            let lost = match told {
                Some((_, told)) => self.loss(value, told, varies),
                None => Some(" is left out".to_owned()),
            };
            lost.map(|lost| format!("({}).{name}{lost}", then.name))
        })
    }
}
