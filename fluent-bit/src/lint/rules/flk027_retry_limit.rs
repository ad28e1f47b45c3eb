use super::*;

rule!("FLK027", "retry-limit", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (configuration, output) in remote_outputs(context) {
        let Some(entry) = output.last("retry_limit") else {
            let finding = RULE.at(name_place(output), "without `Retry_Limit` a chunk is dropped after one retry");
            let finding = finding.label("an outage of a few seconds loses records");
            let fix = context.insert(output, "Retry_Limit", "no_limits");
            found.push(
                finding
                    .help("write Retry_Limit no_limits; the buffer's size is the limit then")
                    .fix("Retry_Limit no_limits added", fix),
            );
            continue;
        };
        let few = configuration.value(entry).is_some_and(|value| is_few(&value));
        if let Some(text) = entry.text().filter(|_| few) {
            let finding = RULE.at(output.place(&text.span), "so few retries do not outlast an outage");
            let finding = finding.label("a chunk is dropped after that");
            let title = format!("Retry_Limit {} -> no_limits", text.text);
            let finding = finding.help("write Retry_Limit no_limits; the buffer's size is the limit then");
            found.push(finding.fix(title, [replace(output, text, "no_limits")]));
        }
    }
}

/// What is no positive number is 1 to Fluent Bit.
fn is_few(value: &str) -> bool {
    let value = value.to_lowercase();
    let unlimited = ["no_limits", "false", "off"].contains(&value.as_str());
    !unlimited && value.parse::<u32>().unwrap_or(0) < 5
}
