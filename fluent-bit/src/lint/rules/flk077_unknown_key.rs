use super::*;

rule!("FLK077", "unknown-key", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for task in &context.tasks {
        for unknown in &task.definition.unknown {
            let message = format!("{} has no key `{}`", unknown.of, unknown.key.value);
            let finding = RULE.at(Place::new(task.file, &unknown.key.span), message);
            let finding = finding.label("the AWS CLI refuses it, Terraform drops it");
            found.push(did_you_mean(finding, &unknown.key.value, unknown.known));
        }
    }
}
