//! What kinds of values look like.
use std::net::IpAddr;

/// An address of a client or a server, also with a port.
pub(super) fn is_address(text: &str) -> bool {
    let inside = text.strip_prefix('[').and_then(|text| text.split_once(']')).map(|(inside, _)| inside);
    text.parse::<IpAddr>().is_ok()
        || inside.is_some_and(|inside| inside.parse::<IpAddr>().is_ok())
        || text.rsplit_once(':').is_some_and(|(address, port)| address.parse::<IpAddr>().is_ok() && is_number(port))
}

/// Addresses, as a chain of proxies writes them.
pub(super) fn are_addresses(text: &str) -> bool {
    text.split(',').all(|one| is_address(one.trim()) || one.trim() == "unknown") && text.contains(['.', ':'])
}

/// An address, or the name of a host that has one.
pub(super) fn is_client(text: &str) -> bool {
    is_address(text) || (is_host(text) && text.contains(|c: char| c.is_alphabetic()))
}

/// The name of a host, with or without a port, as far as its characters tell.
pub(super) fn is_host(text: &str) -> bool {
    let name = match text.rsplit_once(':') {
        Some((name, port)) if is_number(port) => name,
        _ => text,
    };
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || ".-_".contains(c))
}

/// A full name of one, which is no number.
pub(super) fn is_host_with_dot(text: &str) -> bool {
    is_host(text) && text.contains('.') && text.contains(|c: char| c.is_ascii_alphabetic())
}

pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Text without spaces.
pub(super) fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_whitespace)
}

/// A number with or without a fraction.
pub(super) fn is_decimal(text: &str) -> bool {
    is_number(text) || text.split_once('.').is_some_and(|(whole, fraction)| is_number(whole) && is_number(fraction))
}

pub(super) fn is_status(text: &str) -> bool {
    text.len() == 3 && is_number(text) && text.starts_with(['1', '2', '3', '4', '5'])
}

pub(super) fn is_tls_version(text: &str) -> bool {
    ["TLSv", "SSLv"].iter().any(|start| text.strip_prefix(start).is_some_and(is_decimal))
}

/// `ECDHE-RSA-AES128-GCM-SHA256`, `TLS_AES_256_GCM_SHA384`.
pub(super) fn is_cipher(text: &str) -> bool {
    text.contains(['-', '_'])
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || "-_".contains(c))
        && ["AES", "CHACHA", "DES", "RC4", "CAMELLIA", "ARIA", "NULL"].iter().any(|name| text.contains(name))
}

/// `text/html; charset=utf-8`
pub(super) fn is_media_type(text: &str) -> bool {
    const KINDS: [&str; 10] =
        ["application", "audio", "chemical", "font", "image", "message", "model", "multipart", "text", "video"];
    text.split_once('/').is_some_and(|(kind, rest)| {
        KINDS.contains(&kind.to_ascii_lowercase().as_str()) && !rest.is_empty() && !rest.starts_with(['/', ' '])
    })
}

/// What can stand in `User-Agent`: anything but the values of other columns.
pub(super) fn is_user_agent(text: &str) -> bool {
    !is_of_another_column(text) && !text.starts_with('/') && !text.contains("://")
        || text.contains(' ') && !are_addresses(text)
}

/// `curl/8.5.0`, `Mozilla/5.0 (…)`
pub(super) fn is_program(text: &str) -> bool {
    let version = text.split_once('/').map(|(_, version)| version);
    !text.starts_with("HTTP/") && version.is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
}

/// What can stand in `Referer`, clients that lie included.
pub(super) fn is_referer(text: &str) -> bool {
    !is_of_another_column(text) && !text.starts_with("Mozilla/")
}

fn is_of_another_column(text: &str) -> bool {
    is_decimal(text)
        || are_addresses(text)
        || is_tls_version(text)
        || is_cipher(text)
        || text.starts_with("HTTP/")
        || text.contains(" HTTP/1.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_each_kind() {
        let all = |fits: fn(&str) -> bool, right: &[&str], wrong: &[&str]| {
            right.iter().for_each(|text| assert!(fits(text), "{text}"));
            wrong.iter().for_each(|text| assert!(!fits(text), "{text}"));
        };
        all(
            is_address,
            &["192.0.2.1", "::1", "[::1]:80", "192.0.2.1:80"],
            &["", "1", "1.2.3", "a", "-", "localhost:80"],
        );
        all(are_addresses, &["192.0.2.1, 10.0.0.1", "unknown, ::1"], &["", "unknown", "a, ::1"]);
        all(is_client, &["web-1.example.org", "192.0.2.1", "localhost"], &["123", "- -", "a b", ""]);
        all(is_tls_version, &["TLSv1.3", "TLSv1", "SSLv3"], &["TLS", "Mozilla", "-", "TLSv"]);
        all(is_cipher, &["ECDHE-RSA-AES128-GCM-SHA256", "TLS_AES_256_GCM_SHA384"], &["a-b", "AES", "Mozilla/5.0"]);
        all(is_media_type, &["text/html; charset=utf-8", "application/json"], &["Mozilla/5.0", "text/", "/a"]);
        all(
            is_user_agent,
            &["x", "curl/8", "Mozilla/5.0 (X11) http://a.example/"],
            &["200", "192.0.2.1", "/a", "TLSv1.3"],
        );
        all(
            is_referer,
            &["https://a.example/", "android-app://x", "x"],
            &["7", "192.0.2.1, ::1", "GET / HTTP/1.1", "Mozilla/5.0 (X11)"],
        );
    }
}
