//! As much of MessagePack as Fluent Bit's forward protocol needs, odd values included.
//! <https://github.com/msgpack/msgpack/blob/master/spec.md>

/// A value.
#[derive(Debug, Clone)]
pub enum Item {
    Nil,
    Integer(i64),
    Float(f64),
    /// Bytes that are said to be text.
    Text(Vec<u8>),
    Binary(Vec<u8>),
    Ext(i8, Vec<u8>),
    Array(Vec<Item>),
    Map(Vec<(Item, Item)>),
}

impl Item {
    pub fn text(text: &str) -> Item {
        Item::Text(text.as_bytes().to_vec())
    }

    /// Appends its bytes.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Item::Nil => out.push(0xc0),
            Item::Integer(value) => {
                out.push(0xd3);
                out.extend_from_slice(&value.to_be_bytes());
            }
            Item::Float(value) => {
                out.push(0xcb);
                out.extend_from_slice(&value.to_be_bytes());
            }
            Item::Text(bytes) => {
                head(Some((0xa0, 31)), 0xdb, bytes.len(), out);
                out.extend_from_slice(bytes);
            }
            Item::Binary(bytes) => {
                head(None, 0xc6, bytes.len(), out);
                out.extend_from_slice(bytes);
            }
            Item::Ext(kind, bytes) => {
                match bytes.len() {
                    8 => out.push(0xd7),
                    length => head(None, 0xc9, length, out),
                }
                out.push(*kind as u8);
                out.extend_from_slice(bytes);
            }
            Item::Array(items) => {
                head(Some((0x90, 15)), 0xdd, items.len(), out);
                items.iter().for_each(|item| item.write(out));
            }
            Item::Map(members) => {
                head(Some((0x80, 15)), 0xdf, members.len(), out);
                for (key, value) in members {
                    key.write(out);
                    value.write(out);
                }
            }
        }
    }
}

/// A type with its length: in the type's own byte where it fits there (`short` is that byte and the largest length), or in
/// four bytes.
fn head(short: Option<(u8, usize)>, kind: u8, length: usize, out: &mut Vec<u8>) {
    match short {
        Some((short, most)) if length <= most => out.push(short | length as u8),
        _ => {
            out.push(kind);
            out.extend_from_slice(&(length as u32).to_be_bytes());
        }
    }
}

/// A message of the forward protocol: `[tag, [[time, record], …]]`.
/// <https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1>
pub fn forward_message(tag: &str, records: Vec<Vec<(Item, Item)>>) -> Vec<u8> {
    let entry = |record| Item::Array(vec![Item::Integer(1_795_333_112), Item::Map(record)]);
    let entries = records.into_iter().map(entry).collect();
    let mut out = Vec::new();
    Item::Array(vec![Item::text(tag), Item::Array(entries)]).write(&mut out);
    out
}
