use super::*;
use crate::task_definition::Pair;

rule!("FLK049", "firelens-options", Error, check);

const OPTIONS: [&str; 3] = ["enable-ecs-log-metadata", "config-file-type", "config-file-value"];

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (task, router) in context.routers() {
        let Some(firelens) = &router.firelens_configuration else { continue };
        for pair in firelens.options.iter().flat_map(|options| options.iter()) {
            if let Some(finding) = option(task.file, pair) {
                found.push(finding);
            }
        }
        let (kind, value) = (firelens.option("config-file-type"), firelens.option("config-file-value"));
        if let (Some(pair), None) | (None, Some(pair)) = (kind, value) {
            let missing = if kind.is_some() { "config-file-value" } else { "config-file-type" };
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
    if !OPTIONS.contains(&name) {
        let finding = RULE.at(Place::new(file, &pair.name.span), format!("FireLens has no option `{name}`"));
        return Some(did_you_mean(finding.label("ECS refuses it"), name, &OPTIONS));
    }
    let right: &[&str] = match name {
        "enable-ecs-log-metadata" => &["true", "false"],
        "config-file-type" => &["file", "s3"],
        _ => return None,
    };
    let finding = || RULE.at(Place::new(file, &pair.value.span), format!("`{value}` is no value of `{name}`"));
    (!right.contains(&value)).then(|| finding().label(format!("{} or {}", right[0], right[1])))
}
