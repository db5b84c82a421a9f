//! The service types read what they write: random values of every line of the schema.

use heliogram_tlgen::ast::{Definition, Field, Kind, Shape, Type};
use heliogram_tlgen::parse;

use crate::{Bytes, Encode as _, VECTOR_ID, write_bytes};

mod generated {
    include!(concat!(env!("OUT_DIR"), "/mtproto_round_trip.rs"));
}

#[test]
fn every_service_definition_reads_back() {
    let schema = parse::schema(include_str!("../../schema/mtproto.tl")).unwrap();
    for (seed, definition) in (0..).zip(&schema) {
        let name = match (definition.kind, &definition.result) {
            (Kind::Type, Type::Named { name, .. }) => name.to_string(),
            _ => definition.name.to_string(),
        };
        for length in 0..4 {
            let mut bytes = definition.id.to_le_bytes().to_vec();
            fields(&schema, definition, seed, length, &mut bytes);
            let bytes = Bytes::from(bytes);
            let again = generated::decode_and_encode(&name, &bytes).expect("a known name");
            assert_eq!(again.as_deref(), Ok(&*bytes), "{}", definition.name);
        }
    }
}

fn fields(schema: &[Definition], of: &Definition, seed: u8, length: u8, out: &mut Vec<u8>) {
    for Field { shape, .. } in &of.fields {
        let Shape::Required(of) = shape else { panic!("service types have no flags") };
        value(schema, of, seed, length, out);
    }
}

fn value(schema: &[Definition], of: &Type, seed: u8, length: u8, out: &mut Vec<u8>) {
    match of {
        Type::Int => out.extend([seed; 4]),
        Type::Long => out.extend([seed; 8]),
        Type::Int128 => [seed; 16].encode(out),
        Type::Int256 => [seed; 32].encode(out),
        Type::String | Type::Bytes => write_bytes(&vec![b'x'; usize::from(length)], out),
        Type::Vector { bare, item } => {
            if !bare {
                out.extend(VECTOR_ID.to_le_bytes());
            }
            out.extend(u32::from(length).to_le_bytes());
            for _ in 0..length {
                value(schema, item, seed, length, out);
            }
        }
        Type::Named { name, bare: true } => {
            let constructor = schema.iter().find(|definition| definition.name == *name).unwrap();
            fields(schema, constructor, seed, length, out);
        }
        other => panic!("no service type has a field of {other}"),
    }
}
