use super::*;

rule!("FLK014", "missing-property", Error, check);

/// What these outputs do not start without; one of the names is enough. `region` has a rule of its own.
const NEEDED: [(&str, &[&str]); 9] = [
    ("cloudwatch_logs", &["log_group_name"]),
    ("cloudwatch_logs", &["log_stream_name", "log_stream_prefix"]),
    ("kinesis_firehose", &["delivery_stream"]),
    ("kinesis_streams", &["stream"]),
    ("firehose", &["delivery_stream"]),
    ("kinesis", &["stream"]),
    ("s3", &["bucket"]),
    ("datadog", &["apikey"]),
    ("kafka", &["brokers"]),
];

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (configuration, output) in context.outputs() {
        let name = configuration.plugin_name(output).unwrap_or_default();
        for (_, names) in NEEDED.iter().filter(|(plugin, _)| *plugin == name) {
            if names.iter().all(|property| output.get(property).is_none()) {
                let message = format!("`{name}` needs `{}`", names.join("` or `"));
                found.push(RULE.at(name_place(output), message).label("does not start without it"));
            }
        }
        for names in NEEDED.iter().filter(|(plugin, names)| *plugin == name && names.len() > 1).map(|(_, names)| names)
        {
            let mut set: Vec<&Entry> = names.iter().filter_map(|property| output.get(property)).collect();
            set.sort_by_key(|entry| entry.key.span.start);
            if let [first, second, ..] = set.as_slice() {
                let message = format!("`{}` and `{}` exclude each other", names[0], names[1]);
                let finding = RULE
                    .at(output.place(&second.key.span), message)
                    .related(output.place(&first.key.span), "the other one");
                found.push(finding.help("take one away"));
            }
        }
    }
}
