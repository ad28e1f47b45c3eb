//! What is private, in every spelling that `docs/privacy.md` promises to find: made with the standard library's addresses,
//! and without any of the filter's own code.
use std::net::{Ipv4Addr, Ipv6Addr};

/// A generator of numbers (SplitMix64), the same for the same seed.
pub struct Random(pub u64);

impl Random {
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.draw() % limit as u64) as usize
    }

    pub fn one_in(&mut self, chance: usize) -> bool {
        self.below(chance) == 0
    }

    pub fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }

    /// Letters that stand in no other text of the tests.
    pub fn word(&mut self) -> String {
        let letter = |random: &mut Random| b"qxzjvkw"[random.below(7)] as char;
        (0..10).map(|_| letter(self)).collect()
    }
}

/// Private text, and what of it must not be in any output.
#[derive(Debug, Clone)]
pub struct Secret {
    pub text: String,
    pub gone: Vec<String>,
}

/// An address. Its last parts are such that they stand in no other text.
pub fn address(random: &mut Random) -> Secret {
    let bytes = (random.draw() as u32 | 0x0101_0101).to_be_bytes();
    let v4 = Ipv4Addr::new(bytes[0] % 223 + 1, bytes[1], bytes[2], 100 + bytes[3] % 156);
    match random.below(8) {
        0..3 => Secret { text: v4.to_string(), gone: vec![v4.to_string()] },
        3 => mapped(random, v4),
        4 => six_to_four(random),
        _ => v6(random),
    }
}

/// Four hexadecimal letters.
fn group(random: &mut Random) -> u16 {
    match (0..4).fold(0, |value, _| value << 4 | (10 + random.below(6) as u16)) {
        // What stays has them: `access`, `Cafe::Menu`, `::ffff:`.
        0xacce | 0xcafe | 0xffff => 0xfade,
        group => group,
    }
}

fn cased(random: &mut Random, text: String) -> String {
    if random.one_in(3) { text.to_uppercase() } else { text }
}

fn v6(random: &mut Random) -> Secret {
    let mut groups = [0x2001, 0xdb8, random.draw() as u16 & 0x7777 | 1, 0, 0, 0, 0, 0];
    groups[3..].iter_mut().for_each(|part| *part = group(random));
    // Zeros that `::` can stand for.
    let zeros = random.below(5);
    groups[3..3 + zeros].fill(0);
    let gone = groups[3 + zeros..].iter().map(|part| format!("{part:x}")).collect();
    let plain = |groups: &[u16]| groups.iter().map(|part| format!("{part:x}")).collect::<Vec<_>>().join(":");
    let text = match random.below(4) {
        0 => plain(&groups),
        1 => groups.map(|part| format!("{part:04x}")).join(":"),
        _ => Ipv6Addr::from(groups).to_string(),
    };
    let text = cased(random, text);
    Secret { text, gone }
}

fn mapped(random: &mut Random, v4: Ipv4Addr) -> Secret {
    let [a, b, c, d] = v4.octets();
    let text = match random.below(3) {
        0 => format!("::ffff:{v4}"),
        1 => format!("0:0:0:0:0:ffff:{v4}"),
        _ => format!("::ffff:{:x}:{:x}", u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])),
    };
    Secret { gone: vec![v4.to_string(), text.clone()], text: cased(random, text) }
}

/// 6to4: the client's IPv4 address is in its first 48 bits.
fn six_to_four(random: &mut Random) -> Secret {
    let (high, low) = (0xcb00 | (random.draw() as u16 & 0x77), group(random));
    let text = Ipv6Addr::from([0x2002, high, low, 0, 0, 0, 0, 1]).to_string();
    Secret { text: cased(random, text), gone: vec![format!("{low:x}")] }
}

/// The parameters that the configuration names; the last one is not ASCII.
pub const PARAMETERS: [&str; 3] = ["token", "session_id", "größe"];

/// A parameter's name as it can be written in a URL.
fn name(random: &mut Random, known: &str) -> String {
    let mut written = String::new();
    for c in known.chars() {
        let c = if random.one_in(4) { c.to_ascii_uppercase() } else { c };
        let mut bytes = [0; 4];
        match random.one_in(5) {
            true => c.encode_utf8(&mut bytes).bytes().for_each(|byte| written.push_str(&format!("%{byte:02x}"))),
            false => written.push(c),
        }
    }
    match random.below(8) {
        0 => format!("{written}[]"),
        1 => format!("{written}[a]"),
        2 => format!("user[{written}]"),
        3 => format!("user%5B{written}%5D"),
        _ => written,
    }
}

/// `name=value`, where the value is private.
pub fn parameter(random: &mut Random) -> Secret {
    let known = random.pick(&PARAMETERS);
    let value = random.word();
    let around = random.pick(&["", "%20", "%26", ".", "-_~", "%C3%A9", "/", ":", ",", "+"]);
    Secret { text: format!("{}={value}{around}{value}", name(random, known)), gone: vec![value] }
}

/// Parameters as they stand in a query, of which one is private.
pub fn query(random: &mut Random) -> Secret {
    let Secret { text, gone } = parameter(random);
    let other = random.pick(&["a=1", "page=2", "tokens=3", "x", "b[]=4", "path=/a"]);
    let text = match random.below(4) {
        0 => text,
        1 => format!("{text}&{other}"),
        2 => format!("{other}&{text}"),
        _ => format!("{other};{text}&{other}"),
    };
    Secret { text, gone }
}

/// A URL with such a query.
pub fn url(random: &mut Random) -> Secret {
    let Secret { text, gone } = query(random);
    let base =
        random.pick(&["/a", "http://shop.example/", "https://shop.example:8443/x/y.html", "/Foo::Bar", "/1.2.3/"]);
    let fragment = random.pick(&["", "", "#top"]);
    Secret { text: format!("{base}?{text}{fragment}"), gone }
}

/// What must stay, wherever it stands.
const SURVIVORS: [&str; 14] = [
    "Foo::Bar",
    "07:38:33",
    "1.2.3",
    "v1.2.3.4",
    "/srv/www/1.2/index.html",
    "std::vec::Vec",
    "00:1a:2b:3c:4d:5e",
    "ActiveRecord::Base",
    "a=b",
    "10.5%",
    "Cafe::Menu",
    "3.14",
    "12:30",
    "x:y",
];

pub fn survivor(random: &mut Random) -> &'static str {
    random.pick(&SURVIVORS)
}
