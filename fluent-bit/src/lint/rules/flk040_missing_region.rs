use super::*;

rule!("FLK040", "missing-region", Error, check);

const AWS: [&str; 6] = ["cloudwatch_logs", "kinesis_firehose", "kinesis_streams", "cloudwatch", "firehose", "kinesis"];

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (pipeline, output) in context.outputs() {
        let name = pipeline.plugin_name(output).unwrap_or_default();
        if output.get("region").is_some() || !(AWS.contains(&name.as_str()) || name == "s3") {
            continue;
        }
        let finding = RULE.at(name_place(output), format!("`{name}` without `region`"));
        let finding = match name.as_str() {
            "s3" => finding.severity(Severity::Warning).label("is us-east-1 then"),
            _ => finding.label("Fluent Bit does not start"),
        };
        let fix = context.insert(output, "region", "${AWS_REGION}");
        found.push(finding.help("write region ${AWS_REGION}, which ECS sets").fix("region ${AWS_REGION} added", fix));
    }
}
