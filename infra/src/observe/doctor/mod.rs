//! What would keep a first deploy from working, as far as it can be seen before.
use crate::{Aws, Stack};
use serde::Serialize;

mod names;
mod network;
mod permissions;
mod quotas;
pub(crate) mod rights;

/// What was looked at, and what came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `credentials`, `permissions`, `names`, `quotas` …
    pub about: &'static str,
    pub state: State,
    pub message: String,
    /// How to fix it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Good,
    /// It could not be looked at.
    Unknown,
    Warning,
    /// A deploy would fail.
    Problem,
}

impl Finding {
    pub fn new(about: &'static str, state: State, message: impl Into<String>) -> Finding {
        Finding { about, state, message: message.into(), help: None }
    }

    pub fn help(self, help: impl Into<String>) -> Finding {
        Finding { help: Some(help.into()), ..self }
    }
}

/// Looks at all, at once. What cannot be looked at is a finding, too.
pub async fn examine(stack: &Stack, aws: &Aws) -> Vec<Finding> {
    let (permissions, names, network, quotas) = futures::join!(
        permissions::examine(stack, aws),
        names::examine(stack, aws),
        network::examine(stack, aws),
        quotas::examine(stack, aws),
    );
    [vec![credentials(aws)], permissions, names, network, quotas].concat()
}

/// Who we are. The root user may do all, and should do nothing.
pub fn credentials(aws: &Aws) -> Finding {
    let place = aws.place();
    let message = format!("{} in account {}, region {}", aws.caller(), place.account, place.region);
    match aws.caller().ends_with(":root") {
        true => Finding::new("credentials", State::Warning, message)
            .help("this is the account's root user: take a role or a user with the deployer's policy"),
        false => Finding::new("credentials", State::Good, message),
    }
}
