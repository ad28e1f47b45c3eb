use super::*;

rule!("FLK018", "go-plugin-workers", Remark, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (configuration, output) in context.outputs() {
        let Some(workers) = output.last("workers") else { continue };
        let go = configuration.find(output, context.version).is_some_and(|plugin| plugin.is_go);
        if go && configuration.value(workers).is_none_or(|value| value != "0") {
            let message = "a plugin in Go was not made for `workers`";
            let finding = RULE.at(output.place(&workers.key.span), message).label("has no effect, at best");
            let title = format!("{} taken away", workers.key.text);
            found.push(finding.help("take it away").fix(title, context.remove(output, &[workers]).unwrap_or_default()));
        }
    }
}
