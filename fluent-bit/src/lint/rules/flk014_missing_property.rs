use super::*;
use crate::destination::Description;

rule!("FLK014", "missing-property", Error, check);

/// What other outputs than the types of destinations do not start without. The region has a rule of its own.
const OTHERS: [(&str, &[&[&str]]); 2] = [("datadog", &[&["apikey"]]), ("kafka", &[&["brokers"]])];

/// What an output does not start without, by its name: one property of each group.
fn needs(name: &str) -> &'static [&'static [&'static str]] {
    let known = Description::of_plugin(name).map(|known| match known.old {
        Some(old) if old.plugin == name => old.needs,
        _ => known.needs,
    });
    let other = || OTHERS.iter().find(|(other, _)| *other == name).map(|(_, needs)| *needs);
    known.or_else(other).unwrap_or_default()
}

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (configuration, output) in context.outputs() {
        let name = configuration.plugin_name(output).unwrap_or_default();
        for names in needs(&name) {
            if names.iter().all(|property| output.get(property).is_none()) {
                let message = format!("`{name}` needs `{}`", names.join("` or `"));
                found.push(RULE.at(name_place(output), message).label("does not start without it"));
            }
        }
        for names in needs(&name).iter().filter(|names| names.len() > 1) {
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
