//! The rules about `firelens.toml`: each problem has one, with a code and a page.
use crate::problem::Problem;
use firelens_pipeline::lint::{Check, Rule, Severity, rules as pipeline_rules};

macro_rules! rules {
    ($($code:literal $name:literal $severity:ident),* $(,)?) => {
        /// The rules about `firelens.toml`. Each is called as its problems are, with `toml-` in front.
        pub static RULES: &[Rule] = &[$(Rule {
            code: $code,
            name: concat!("toml-", $name),
            severity: Severity::$severity,
            page: include_str!(concat!("../../../docs/rules/", $code, ".md")),
            check: Check::Reader,
        }),*];
    };
}

rules! {
    "FLK101" "syntax" Error,
    "FLK102" "unknown-key" Error,
    "FLK103" "missing-key" Error,
    "FLK104" "wrong-type" Error,
    "FLK105" "wrong-value" Error,
    "FLK106" "duplicate" Error,
    "FLK107" "name" Error,
    "FLK108" "unused" Warning,
    "FLK109" "format" Error,
    "FLK110" "timezone" Error,
    "FLK111" "match" Error,
    "FLK112" "level" Error,
    "FLK113" "network" Error,
    "FLK114" "number" Error,
    "FLK115" "route" Error,
    "FLK116" "route-order" Error,
    "FLK117" "unknown-destination" Error,
    "FLK118" "unused-destination" Warning,
    "FLK119" "buffer" Error,
    "FLK120" "destination" Error,
    "FLK121" "plugin" Error,
    "FLK122" "option" Error,
    "FLK123" "image" Error,
    "FLK124" "fluent-bit" Error,
    "FLK125" "floating-image" Error,
    "FLK126" "release" Warning,
    "FLK127" "memory" Error,
    "FLK128" "disk" Error,
    "FLK129" "log-key" Error,
    "FLK130" "secret" Error,
}

/// All rules, by code.
pub fn everything() -> Vec<&'static Rule> {
    let mut all: Vec<&Rule> = pipeline_rules::everything().chain(RULES).collect();
    all.sort_by_key(|rule| rule.code);
    all
}

/// The rule of a problem. What the compiler finds in `[privacy]` are values that do not fit.
pub fn rule(problem: &Problem) -> Option<&'static Rule> {
    let name = if problem.rule == "privacy" { "wrong-value" } else { problem.rule };
    RULES.iter().find(|rule| rule.name.strip_prefix("toml-") == Some(name))
}
