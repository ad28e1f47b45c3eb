use super::*;
use crate::firelens::PORT as FORWARD;

rule!("FLK076", "output-without-host", Warning, check);

/// The outputs that send to 127.0.0.1 unless they are told where, with their ports.
const LOCAL: [(&str, u16); 17] = [
    ("es", 9200),
    ("forward", FORWARD),
    ("gelf", 12201),
    ("http", 80),
    ("influxdb", 8086),
    ("kafka-rest", 8082),
    ("loki", 3100),
    ("nats", 4222),
    ("opensearch", 9200),
    ("opentelemetry", 80),
    ("prometheus_remote_write", 80),
    ("skywalking", 11800),
    ("splunk", 8088),
    ("syslog", 514),
    ("tcp", 5170),
    ("udp", 5170),
    ("websocket", 80),
];

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (pipeline, output) in context.outputs() {
        let name = pipeline.plugin_name(output).unwrap_or_default();
        let Some((_, port)) = LOCAL.iter().find(|(local, _)| *local == name) else { continue };
        if ["upstream", "proxy", "unix_path"].iter().any(|elsewhere| output.get(elsewhere).is_some()) {
            continue;
        }
        let host = output.last("host").map(|host| pipeline.value(host));
        let here = match &host {
            None => true,
            Some(host) => host.as_ref().is_some_and(|host| crate::host::is_this_machine(host)),
        };
        let port = match output.last("port") {
            None => Some(*port),
            Some(own) => pipeline.value(own).and_then(|port| port.parse().ok()),
        };
        if here && name == "forward" && port == Some(FORWARD) && pipeline.firelens {
            let finding = RULE.at(name_place(output), "this output sends to FireLens's own input, 127.0.0.1:24224");
            let finding = finding.severity(Severity::Error).label("a loop: no record leaves the router");
            found.push(finding.help("add Host, the machine that the records are for"));
        } else if host.is_none() {
            let port = port.map_or(String::new(), |port| format!(":{port}"));
            let finding = RULE.at(name_place(output), format!("`{name}` without `Host` sends to 127.0.0.1{port}"));
            let finding = finding.label("to this task itself");
            found.push(finding.help("add Host, the machine that the records are for, also when it is 127.0.0.1"));
        }
    }
}
