use super::*;

rule!("FLK041", "tls-off", Warning, check);

/// The outputs that speak TLS only when told to.
const OPTIONAL: [&str; 16] = [
    "azure",
    "datadog",
    "es",
    "forward",
    "gelf",
    "http",
    "influxdb",
    "loki",
    "opensearch",
    "opentelemetry",
    "prometheus_remote_write",
    "splunk",
    "syslog",
    "tcp",
    "websocket",
    "skywalking",
];

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (pipeline, output) in context.outputs() {
        let name = pipeline.plugin_name(output).unwrap_or_default();
        if !OPTIONAL.contains(&name.as_str()) {
            continue;
        }
        if let Some(verify) =
            output.last("tls.verify").filter(|it| pipeline.value(it).is_some_and(|value| is_off(&value)))
        {
            let finding = RULE.at(output.place(verify.value.span()), "nobody checks whose certificate it is");
            found.push(
                finding
                    .label("anybody on the way can read along")
                    .help("take tls.verify away; for a CA of your own there is tls.ca_file"),
            );
        }
        let tls = pipeline.property(output, "tls");
        let outside = output.last("host").and_then(|host| pipeline.value(host)).is_some_and(|host| is_outside(&host));
        if outside && tls.is_none_or(|tls| is_off(&tls)) {
            let finding = RULE.at(name_place(output), format!("`{name}` sends the records without encryption"));
            found.push(finding.label("anybody on the way can read them").help("add tls On"));
        }
    }
}

/// Another machine, outside of the own network as far as its name tells.
fn is_outside(host: &str) -> bool {
    let host = host.to_lowercase();
    let inner = [".local", ".internal", ".localhost", ".svc"].iter().any(|end| host.ends_with(end));
    host.contains('.') && !crate::host::is_private(&host) && !inner
}
