//! Which properties hold a secret.

/// Properties whose names do not say so.
const NAMES: [&str; 6] = ["apikey", "api_key", "license_key", "shared_key", "splunk_token", "logdna_api_key"];

/// Parts of names.
const PARTS: [&str; 6] = ["passwd", "password", "secret", "bearer_token", "bearer.token", "sas_token"];

/// Values that only point to a secret.
const POINTERS: [&str; 3] = ["_file", "_path", "_url"];

/// Whether a property has a secret for a value. Of headers only some do, which the value tells.
pub fn is_secret(property: &str, value: &str) -> bool {
    let name = property.to_lowercase();
    match name.as_str() {
        "header" | "headers" => is_authorization(value),
        _ => is_secret_name(&name),
    }
}

fn is_secret_name(name: &str) -> bool {
    let pointer = POINTERS.iter().any(|end| name.ends_with(end)) || name.ends_with("service_account_secret");
    !pointer && (NAMES.contains(&name) || PARTS.iter().any(|part| name.contains(part)))
}

/// `Header Authorization Bearer …`
fn is_authorization(value: &str) -> bool {
    let (name, rest) = value.split_once([' ', '\t', ':', '=']).unwrap_or((value, ""));
    let known = ["authorization", "proxy-authorization", "x-api-key", "api-key", "dd-api-key", "x-auth-token"];
    known.contains(&name.to_lowercase().as_str()) && !rest.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
        for name in ["http_passwd", "tls.key_passwd", "oauth2.client_secret", "apikey", "splunk_token"] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["log_key", "tls.key_file", "oauth2.token_url", "http_token_file", "workload_identity_token_file"] {
            assert!(!is_secret_name(name), "{name}");
        }
        assert!(is_authorization("Authorization Bearer abc") && is_authorization("X-Api-Key: abc"));
        assert!(!is_authorization("Content-Type text/plain") && !is_authorization("Authorization"));
    }
}
