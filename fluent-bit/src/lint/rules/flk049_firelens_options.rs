use super::*;
use crate::{firelens::ROUTER_OPTIONS, task_definition::Pair};

rule!("FLK049", "firelens-options", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (task, router) in context.routers() {
        let Some(firelens) = &router.firelens_configuration else { continue };
        for pair in firelens.options.iter().flat_map(|options| options.iter()) {
            if let Some(finding) = option(task.file, pair) {
                found.push(finding);
            }
        }
        let (kind, value) = (firelens.option(firelens::CONFIG_TYPE), firelens.option(firelens::CONFIG_VALUE));
        if let (Some(pair), None) | (None, Some(pair)) = (kind, value) {
            let missing = if kind.is_some() { firelens::CONFIG_VALUE } else { firelens::CONFIG_TYPE };
            let finding =
                RULE.at(Place::new(task.file, &pair.name.span), format!("`{}` without `{missing}`", pair.name.value));
            found.push(
                finding
                    .label("one needs the other")
                    .help("config-file-type is file, config-file-value its path in the image"),
            );
        }
    }
}

fn option(file: usize, pair: &Pair) -> Option<Finding> {
    let (name, value) = (pair.name.value.as_str(), pair.value.value.as_str());
    let Some((_, right)) = ROUTER_OPTIONS.iter().find(|(known, _)| *known == name) else {
        let finding = RULE.at(Place::new(file, &pair.name.span), format!("FireLens has no option `{name}`"));
        return Some(did_you_mean(finding.label("ECS refuses it"), name, &ROUTER_OPTIONS.map(|(known, _)| known)));
    };
    let finding = || RULE.at(Place::new(file, &pair.value.span), format!("`{value}` is no value of `{name}`"));
    let fits = right.is_empty() || right.contains(&value);
    (!fits).then(|| finding().label(right.join(" or ")))
}
