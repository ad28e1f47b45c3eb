//! The rules about `firelens.toml`: each problem has one, with a code and a page.
use firelens_pipeline::lint::{Check, Rule, Severity, rules as pipeline_rules};

macro_rules! codes {
    ($($variant:ident $name:literal $code:literal $severity:ident),* $(,)?; $($other:ident $other_name:literal),* $(,)?) => {
        /// What sort of problem it is. The first ones are rules that can be allowed; the others are about what the command
        /// line was given besides a `firelens.toml`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($variant,)*
            $($other,)*
        }

        impl Code {
            /// As messages show it: `error[wrong-value]`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Code::$variant => $name,)*
                    $(Code::$other => $other_name,)*
                }
            }
        }

        /// The rules about `firelens.toml`, in the order of their codes. Each is called as its problems are, with `toml-` in
        /// front.
        pub static RULES: &[Rule] = &[$(Rule {
            code: $code,
            name: concat!("toml-", $name),
            severity: Severity::$severity,
            page: include_str!(concat!("../../../docs/rules/", $code, ".md")),
            check: Check::Reader,
        }),*];
    };
}

codes! {
    Syntax "syntax" "FLK101" Error,
    UnknownKey "unknown-key" "FLK102" Error,
    MissingKey "missing-key" "FLK103" Error,
    WrongType "wrong-type" "FLK104" Error,
    WrongValue "wrong-value" "FLK105" Error,
    Duplicate "duplicate" "FLK106" Error,
    Name "name" "FLK107" Error,
    Unused "unused" "FLK108" Warning,
    Format "format" "FLK109" Error,
    Timezone "timezone" "FLK110" Error,
    Match "match" "FLK111" Error,
    Level "level" "FLK112" Error,
    Network "network" "FLK113" Error,
    Number "number" "FLK114" Error,
    Route "route" "FLK115" Error,
    RouteOrder "route-order" "FLK116" Error,
    UnknownDestination "unknown-destination" "FLK117" Error,
    UnusedDestination "unused-destination" "FLK118" Warning,
    Buffer "buffer" "FLK119" Error,
    Destination "destination" "FLK120" Error,
    Plugin "plugin" "FLK121" Error,
    Option "option" "FLK122" Error,
    Image "image" "FLK123" Error,
    FluentBit "fluent-bit" "FLK124" Error,
    FloatingImage "floating-image" "FLK125" Error,
    Release "release" "FLK126" Warning,
    Memory "memory" "FLK127" Error,
    Disk "disk" "FLK128" Error,
    LogKey "log-key" "FLK129" Error,
    Secret "secret" "FLK130" Error,;
    Absent "absent",
    Dropped "dropped",
    Export "export",
    Field "field",
    Input "input",
    NoTests "no-tests",
    Privacy "privacy",
    Record "record",
    TaskDefinition "task-definition",
}

impl Code {
    /// Its rule, if it has one. What the compiler finds in `[privacy]` are values that do not fit, and in `[add_fields]` names.
    pub fn rule(self) -> Option<&'static Rule> {
        match self {
            Code::Privacy => Code::WrongValue.rule(),
            Code::Field => Code::Name.rule(),
            code => RULES.get(code as usize),
        }
    }
}

/// All rules, by code.
pub fn everything() -> Vec<&'static Rule> {
    let mut all: Vec<&Rule> = pipeline_rules::everything().chain(RULES).collect();
    all.sort_by_key(|rule| rule.code);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_leads_to_the_rule_with_its_name() {
        assert_eq!(Code::Syntax.rule().map(|rule| rule.name), Some("toml-syntax"));
        assert_eq!(Code::Secret.rule().map(|rule| rule.name), Some("toml-secret"));
        assert_eq!(Code::Privacy.rule(), Code::WrongValue.rule());
        assert_eq!([Code::Absent, Code::TaskDefinition].map(Code::rule), [None; 2]);
    }
}
