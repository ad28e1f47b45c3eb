//! CloudWatch Logs.
//!
//! Streams are named by tags, which have the container's name and the task's id in them. The log group is made before the
//! router needs it, with its retention: a router that may create groups needs wide rights, and makes ones that never
//! expire.
use super::{
    Defaults, Description, Destination, REGION, Resource, Target, Template,
    description::{Fate::*, Longest, Old, Refused},
    region,
};

pub const DESCRIPTION: Description = Description {
    old: Some(&Old {
        plugin: "cloudwatch",
        needs: &[],
        options: &[
            ("auto_create_stream", Always("true")),
            ("default_log_group_name", Gone("`log_group_name` is what `log_group_template` falls back to")),
            ("default_log_stream_name", Gone("`log_stream_prefix` is what `log_stream_template` falls back to")),
            ("new_log_group_tags", Gone("make the log group up front, with its tags")),
            ("credentials_endpoint", Gone("credentials come from the task role")),
        ],
        changes: None,
    }),
    aliases: &[("log_group", "log_group_name"), ("log_stream", "log_stream_name")],
    target: Some(Target {
        property: "log_group_name",
        resource: Resource::LogGroup,
        default: |stack, to| Some(format!("/{stack}/{}", to.name)),
        accepts: is_log_group,
        rule: "log groups have 1 to 512 letters, digits and . - _ / #, and do not begin with aws/",
    }),
    needs: &[&["log_group_name"], &["log_stream_name", "log_stream_prefix"]],
    region: Some(REGION),
    longest: Some(|version| Longest { bytes: version.cloudwatch_event_limit().into(), fate: "cuts off" }),
    templates: &[
        Template { property: "log_group_template", takes: FIELDS, of_fields: true },
        Template { property: "log_stream_template", takes: FIELDS, of_fields: true },
    ],
    needs_rights: &[
        ("role_arn", super::OWN_ROLE),
        ("log_group_template", "the router has rights on one log group, which is made before"),
    ],
    refuses,
    defaults,
    ..Description::of("cloudwatch_logs", "cloudwatch_logs")
};

const FIELDS: &str = "$field and $field['inner']";

fn defaults(to: &Destination) -> Defaults {
    // The output refuses a name beside a prefix.
    let prefix = (!to.sets("log_stream_name")).then(|| ("log_stream_prefix", "ecs/".to_string()));
    [region()].into_iter().chain(prefix).chain([("auto_create_group", "off".to_string())]).collect()
}

fn refuses(to: &Destination) -> Option<Refused> {
    (to.says("log_stream_name") && to.says("log_stream_prefix")).then_some(Refused {
        property: "log_stream_prefix",
        message: "`log_stream_name` and `log_stream_prefix` exclude each other",
        label: "not beside the other",
        beside: Some("log_stream_name"),
        help: None,
    })
}

/// CreateLogGroup (Amazon CloudWatch Logs API reference).
fn is_log_group(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-_/#".contains(&byte);
    (1..=512).contains(&name.len()) && name.bytes().all(fits) && !name.starts_with("aws/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_groups_are_named_as_the_api_takes_them() {
        assert!(["/ecs/shop/httpd#1", &"a".repeat(512)].into_iter().all(is_log_group));
        assert!(!["aws/x", "a:b", "", &"a".repeat(513)].into_iter().any(is_log_group));
    }
}
