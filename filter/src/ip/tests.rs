use super::*;
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

fn of_std(address: IpAddr) -> Ip {
    match address {
        IpAddr::V4(v4) => Ip::V4(v4.to_bits()),
        IpAddr::V6(v6) => Ip::V6(v6.to_bits()),
    }
}

fn as_std(text: &str) {
    let expected = text.parse::<IpAddr>().ok();
    assert_eq!(Ip::parse(text.as_bytes()), expected.map(of_std), "{text}");
    if let Some(address) = expected {
        assert_eq!(of_std(address).canonical(), of_std(address.to_canonical()), "{text}");
        prints(address);
    }
}

fn prints(address: IpAddr) {
    let mut out = Vec::new();
    of_std(address).push(&mut out);
    assert_eq!(String::from_utf8(out).unwrap(), address.to_string());
}

#[test]
fn edges() {
    for text in [
        "",
        ".",
        ":",
        "::",
        ":::",
        "::1",
        "1::",
        ":1",
        "1:",
        "1:::2",
        "1::2::3",
        "0.0.0.0",
        "255.255.255.255",
        "256.0.0.1",
        "1.2.3",
        "1.2.3.4.5",
        "01.2.3.4",
        "1.2.3.004",
        "1..3.4",
        "1.2.3.4.",
        "+1.2.3.4",
        "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7::",
        "::2:3:4:5:6:7:8",
        "1::2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:8::",
        "1:2:3:4:5:6:1.2.3.4",
        "1:2:3:4:5:6:7:1.2.3.4",
        "1:2:3:4:5::1.2.3.4",
        "1:2:3:4:5:6::1.2.3.4",
        "::1.2.3.4",
        "1.2.3.4::",
        "::1.2.3.4:5",
        "::ffff:1.2.3.4",
        "::FFFF:c0a8:1",
        "00001::",
        "0001::",
        "g::",
        "fe80::1%eth0",
        "[::1]",
        "1:0:0:2:0:0:0:3",
        "1:0:0:2:3:0:0:4",
        "1:0:2:3:4:5:6:7",
    ] {
        as_std(text);
    }
}

proptest! {
    #[test]
    fn any_text_is_read_as_std_does(text in "[0-9a-fA-F:.]{0,40}|([0-9]{1,3}\\.){3}[0-9]{1,3}|\\PC{0,12}") {
        as_std(&text);
    }

    #[test]
    fn groups_are_read_as_std_does(
        groups in proptest::collection::vec("[0-9a-f]{0,5}|0{1,4}|[0-9]{1,3}(\\.[0-9]{1,3}){3}", 0..10),
    ) {
        as_std(&groups.join(":"));
    }

    #[test]
    fn mutated_addresses_are_read_as_std_does(
        groups: [u16; 8], zeros: u8, v4: bool, at: usize, with in "[0-9a-fx:.]{0,2}", remove in 0usize..3,
    ) {
        let mut text = if v4 { Ipv4Addr::from_bits(groups[0] as u32 * groups[1] as u32).to_string() } else {
            Ipv6Addr::from(with_zeros(groups, zeros)).to_string()
        };
        as_std(&text);
        let at = at % (text.len() + 1);
        let end = (at + remove).min(text.len());
        text.replace_range(at..end, &with);
        as_std(&text);
    }

    #[test]
    fn all_addresses_are_printed_as_std_does(groups: [u16; 8], zeros: u8, v4: u32) {
        prints(IpAddr::V4(Ipv4Addr::from_bits(v4)));
        prints(IpAddr::V6(Ipv6Addr::from(with_zeros(groups, zeros))));
        prints(IpAddr::V6(Ipv4Addr::from_bits(v4).to_ipv6_mapped()));
    }

    #[test]
    fn bits_are_kept(v4: u32, v6: u128, bits: u8) {
        let kept = |address: u128, all: u32| (0..all).fold(0, |kept, at| {
            kept | if at < bits as u32 { address & 1 << (all - 1 - at) } else { 0 }
        });
        prop_assert_eq!(Ip::V4(v4).keep(bits), Ip::V4(kept(v4.into(), 32) as u32));
        prop_assert_eq!(Ip::V6(v6).keep(bits), Ip::V6(kept(v6, 128)));
    }
}

fn with_zeros(mut groups: [u16; 8], zeros: u8) -> [u16; 8] {
    for (at, group) in groups.iter_mut().enumerate() {
        if zeros >> at & 1 == 1 {
            *group = 0;
        }
    }
    groups
}
