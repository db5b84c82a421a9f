//! A reader that knows one layer only, as a client does.

use crate::layer::table::{self, Definition, Layer, Of, Presence, TypeRow};
use crate::layer::walk::{self, Words};
use crate::{DecodeError, Reader};

/// Reads a whole buffer as a value of a type, with the constructors of one layer.
pub(super) fn read(layer: Layer, row: TypeRow, bytes: &[u8]) -> Result<(), String> {
    let mut r = Reader::new(bytes);
    value(layer, row, &mut r)?;
    r.finish().map_err(words)
}

/// Reads a whole buffer as a call of the layer.
pub(super) fn read_call(layer: Layer, bytes: &[u8]) -> Result<(), String> {
    let mut r = Reader::new(bytes);
    call(layer, &mut r)?;
    r.finish().map_err(words)
}

fn call(layer: Layer, r: &mut Reader<'_>) -> Result<(), String> {
    let id = r.u32().map_err(words)?;
    let definition = table::definition(id).filter(|d| d.is_function && layer.has(d));
    fields(layer, definition.ok_or_else(|| format!("no function {id:x}"))?, r)
}

fn value(layer: Layer, row: TypeRow, r: &mut Reader<'_>) -> Result<(), String> {
    match table::of(row) {
        Of::Vector(item) => {
            let count = walk::vector(r).map_err(words)?;
            (0..count).try_for_each(|_| value(layer, item, r))
        }
        Of::Boxed(_) => {
            let definition = walk::constructor(row, r).map_err(words)?;
            if !layer.has(definition) {
                return Err(format!(
                    "{}#{:x} is not of layer {}",
                    definition.spelling(),
                    definition.id,
                    layer.number()
                ));
            }
            fields(layer, definition, r)
        }
        Of::Generic => call(layer, r),
        _ => walk::value(row, r).map_err(words),
    }
}

fn fields(layer: Layer, definition: &Definition, r: &mut Reader<'_>) -> Result<(), String> {
    let mut flags = Words::default();
    for field in definition.fields() {
        match field.presence {
            Presence::Word(word) => flags.set(word, r.u32().map_err(words)?),
            Presence::Optional { word, bit } if !flags.has(word, bit) => {}
            Presence::Optional { .. } | Presence::Required => {
                value(layer, field.of, r).map_err(|error| {
                    format!("{}.{}: {error}", definition.spelling(), field.spelling())
                })?;
            }
        }
    }
    Ok(())
}

fn words(error: DecodeError) -> String {
    error.to_string()
}
