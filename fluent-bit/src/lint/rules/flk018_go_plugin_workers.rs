use super::*;

rule!("FLK018", "go-plugin-workers", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (configuration, output) in context.outputs() {
        let Some(workers) = output.last("workers") else { continue };
        let go = configuration.find(output, context.version).is_some_and(|plugin| plugin.is_go);
        if go && configuration.value(workers).is_none_or(|value| value != "0") {
            let message = "a plugin in Go does not work with `workers`";
            let finding = RULE.at(output.place(&workers.key.span), message).label("can crash the router");
            let title = format!("{} taken away", workers.key.text);
            found.push(finding.help("take it away").fix(title, context.remove(output, &[workers]).unwrap_or_default()));
        }
    }
}
