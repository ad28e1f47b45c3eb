use super::*;
use crate::{
    conf::{Value, names},
    task_definition::Container,
};

rule!("FLK007", "variable-not-set", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines() {
        let task = pipeline.task.and_then(|task| context.tasks.get(task));
        let Some(router) = task.and_then(|task| task.definition.routers().next()) else { continue };
        if router.environment_files {
            continue;
        }
        for section in pipeline.sections.iter().filter(|section| !context.files[section.file].is_task_definition()) {
            for text in section.entries.iter().flat_map(texts) {
                let missing = names(&text.text).filter(|name| !text.text.contains(&format!("${{{name}:-")));
                for name in missing.filter(|name| !is_set(pipeline, router, name)) {
                    let message = format!("nothing sets ${{{name}}} in the router's container");
                    let finding = RULE.at(section.place(&text.span), message).label("becomes empty");
                    found.push(finding.help(format!("add {name} to the router's `environment` or `secrets`")));
                }
            }
        }
    }
}

fn texts(entry: &Entry) -> Vec<&Text> {
    match &entry.value {
        Value::Map(entries, _) => entries.iter().flat_map(texts).collect(),
        _ => entry.texts(),
    }
}

fn is_set(pipeline: &Configuration, router: &Container, name: &str) -> bool {
    let init = || is_init(router);
    let environment = || router.environment.iter().filter_map(|variable| variable.name.as_ref());
    let secrets = || router.secrets.iter().filter_map(|secret| secret.name.as_ref());
    firelens::VARIABLES.contains(&name)
        || (firelens::VARIABLES_OF_INIT.contains(&name) && init())
        || pipeline.variables.has(name)
        || environment().chain(secrets()).any(|known| known.value == name)
}
