//! Which hosts are this machine, or in a private network. Names are never taken for addresses: `127.evil.example` is
//! somebody's machine on the internet.
use std::net::IpAddr;

/// A host without its port, and without the brackets of an IPv6 address.
fn without_port(host: &str) -> &str {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split(']').next().unwrap_or(rest);
    }
    match host.rsplit_once(':') {
        Some((name, _)) if !name.contains(':') => name,
        _ => host,
    }
}

/// Whether it is this machine: `localhost`, or an address of 127.0.0.0/8 or `::1`. A port may follow.
pub fn is_this_machine(host: &str) -> bool {
    let host = without_port(host);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether it is this machine, or an address of a private network (RFC 1918, RFC 4193, and link-local ones). A port may
/// follow.
pub fn is_private(host: &str) -> bool {
    let private = |address| match address {
        IpAddr::V4(address) => address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    };
    is_this_machine(host) || without_port(host).parse::<IpAddr>().is_ok_and(private)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_and_localhost_are_this_machine() {
        let ours =
            ["localhost", "localhost:5000", "127.0.0.1", "127.0.0.1:5000", "127.1.2.3", "::1", "[::1]", "[::1]:5000"];
        for host in ours {
            assert!(is_this_machine(host), "{host}");
        }
        let others = [
            "127.evil.example",
            "127.0.0.1.evil.example",
            "127.0.0.1.evil.example:5000",
            "localhost.evil.example",
            "localhost.evil.example:5000",
            "127.1",
            "127.",
            "0x7f.0.0.1",
            "LOCALHOST.",
            "10.0.0.1",
            "0.0.0.0",
            "ghcr.io",
            "[::2]:5000",
            "",
        ];
        for host in others {
            assert!(!is_this_machine(host), "{host}");
        }
    }

    #[test]
    fn private_networks_are_known_by_their_addresses() {
        for host in ["10.1.2.3", "192.168.0.1:24224", "172.16.0.1", "169.254.170.2", "[fd00::1]:24224", "localhost"] {
            assert!(is_private(host), "{host}");
        }
        for host in ["10.evil.example", "192.168.evil.example", "172.32.0.1", "8.8.8.8", "1.1.1.1:443"] {
            assert!(!is_private(host), "{host}");
        }
    }
}
