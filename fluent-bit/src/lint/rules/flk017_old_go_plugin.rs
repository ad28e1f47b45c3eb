use super::*;
use crate::Version;

rule!("FLK017", "old-go-plugin", Warning, check);

/// Old name, new name, and the options that are called otherwise or gone. All others keep their names.
struct Plugin {
    old: &'static str,
    new: &'static str,
    options: &'static [(&'static str, Fate)],
}

/// What becomes of an option.
#[derive(Clone, Copy)]
enum Fate {
    /// The new plugin does that always: the option goes when it has this value.
    Always(&'static str),
    /// It only made the old plugin faster.
    Goes,
    /// There is nothing like it.
    None(&'static str),
    /// It is there since a release, with these values.
    Since(Version, &'static [&'static str]),
}

use Fate::{Always, Goes, None as Gone, Since};

const PLUGINS: [Plugin; 3] = [
    Plugin {
        old: "cloudwatch",
        new: "cloudwatch_logs",
        options: &[
            ("auto_create_stream", Always("true")),
            ("default_log_group_name", Gone("`log_group_name` is what `log_group_template` falls back to")),
            ("default_log_stream_name", Gone("`log_stream_prefix` is what `log_stream_template` falls back to")),
            ("new_log_group_tags", Gone("make the log group up front, with its tags")),
            ("credentials_endpoint", Gone("credentials come from the task role")),
        ],
    },
    Plugin {
        old: "firehose",
        new: "kinesis_firehose",
        options: &[
            ("data_keys", Gone("a `record_modifier` filter with `Allowlist_key` keeps only some fields")),
            ("replace_dots", Gone("no filter does that")),
            ("simple_aggregation", Since(Version::new(4, 2, 2), &["true", "false"])),
        ],
    },
    Plugin {
        old: "kinesis",
        new: "kinesis_streams",
        options: &[
            ("append_newline", Always("true")),
            ("aggregation", Gone("KPL aggregation is not there; `simple_aggregation` is another format")),
            ("compression", Since(Version::new(5, 0, 0), &["gzip"])),
            ("data_keys", Gone("a `record_modifier` filter with `Allowlist_key` keeps only some fields")),
            ("experimental_concurrency", Goes),
            ("experimental_concurrency_retries", Goes),
            ("http_request_timeout", Gone("`net.io_timeout` is the nearest")),
            ("partition_key", Gone("the new plugin spreads the records by chance")),
            ("replace_dots", Gone("no filter does that")),
        ],
    },
];

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (configuration, output) in context.outputs() {
        let name = configuration.plugin_name(output).unwrap_or_default();
        let Some((plugin, text)) = PLUGINS.iter().find(|plugin| plugin.old == name).zip(output.plugin()) else {
            continue;
        };
        let Mend { edits, remarks, problems } = mend(context, configuration, output, plugin);
        let message = format!("`{}` is AWS's old plugin in Go; `{}` takes its place", plugin.old, plugin.new);
        let finding = RULE.at(output.place(&text.span), message).label("slower, and no longer developed");
        found.push(match problems.is_empty() {
            true => {
                let edits = edits.into_iter().chain([replace(output, text, plugin.new)]);
                let title = [vec![format!("{} -> {}", plugin.old, plugin.new)], remarks].concat().join("; ");
                finding.help(format!("write Name {}; the other options keep their names", plugin.new)).fix(title, edits)
            }
            false => finding.help(format!("write Name {}, and mend by hand: {}", plugin.new, problems.join("; "))),
        });
    }
}

/// The edits to the options, what to say about them, and what no edit can mend.
struct Mend {
    edits: Vec<Edit>,
    remarks: Vec<String>,
    problems: Vec<String>,
}

fn mend(context: &Context, configuration: &Configuration, output: &Section, plugin: &Plugin) -> Mend {
    let (mut removed, mut remarks, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    for entry in &output.entries {
        let value = configuration.value(entry).unwrap_or_default().to_lowercase();
        if value.contains("$(") {
            problems.push(format!(
                "`{}` has a template in `$(…)`, which is `$…` in log_group_template and log_stream_template",
                entry.key.text
            ));
        }
        let Some((_, fate)) = plugin.options.iter().find(|(name, _)| *name == entry.name) else { continue };
        let goes = match fate {
            Always(always) => value == *always,
            Goes => true,
            Gone(_) => false,
            Since(since, values) => {
                let fits = context.version >= *since && values.contains(&value.as_str());
                if fits {
                    continue;
                }
                value == "none"
            }
        };
        match (goes, fate) {
            (true, _) => {
                removed.push(entry);
                remarks.push(format!("{} taken away", entry.key.text));
            }
            (false, Gone(why)) => problems.push(format!("`{}` has no counterpart: {why}", entry.key.text)),
            (false, _) => problems.push(format!("`{} {value}` has no counterpart", entry.key.text)),
        }
    }
    if plugin.old == "kinesis" && output.get("append_newline").is_none() {
        remarks.push("each record now ends with a newline".to_string());
    }
    let edits = context.remove(output, &removed);
    if edits.is_none() {
        problems.push("the options that go have no lines of their own".to_string());
    }
    Mend { edits: edits.unwrap_or_default(), remarks, problems }
}
