use super::*;

rule!("FLK079", "literal-template", Warning, check);

/// Templates of Fluent Bit's own outputs, and what they take.
const TEMPLATES: [(&str, &str, &str); 3] = [
    ("s3", "s3_key_format", "$TAG, $TAG[1], $INDEX, $UUID and strftime's %Y; no field of the record"),
    ("cloudwatch_logs", "log_group_template", "$field and $field['inner']"),
    ("cloudwatch_logs", "log_stream_template", "$field and $field['inner']"),
];

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (pipeline, output) in context.outputs() {
        for (_, property, takes) in TEMPLATES.iter().filter(|(name, ..)| pipeline.is(output, name)) {
            let Some(text) = output.last(property).and_then(Entry::text) else { continue };
            let Some(start) = text.text.find("$(") else { continue };
            let end = text.text[start..].find(')').map_or(text.text.len(), |end| start + end + 1);
            let part = &text.text[start..end];
            let finding = RULE.at(output.place(&text.span), format!("`{part}` stays as it is, with its brackets"));
            let finding = finding.label("`$(…)` is a template of AWS's plugins in Go only");
            found.push(finding.help(format!("{property} takes {takes}")));
        }
    }
}
