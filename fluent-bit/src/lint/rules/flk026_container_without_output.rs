use super::*;

rule!("FLK026", "container-without-output", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines() {
        let Some(task) = pipeline.task.and_then(|task| context.tasks.get(task)) else { continue };
        if !pipeline.whole || !is_seen(pipeline, task) {
            continue;
        }
        let flow = pipeline.flow(context);
        for container in task.definition.firelens_apps() {
            let (Some(name), Some(log)) = (&container.name, &container.log_configuration) else { continue };
            let tag = firelens::tag(&name.value, "*");
            if flow.is_taken(&tag) {
                continue;
            }
            let driver = log.log_driver.as_ref().map_or(&log.span, |driver| &driver.span);
            let message = format!("no output takes what the container `{}` logs", name.value);
            let finding = RULE.at(Place::new(task.file, driver), message).label("all of it is lost");
            found.push(
                finding.help(format!("add an [OUTPUT] with Match {tag} to the custom file, or log options with Name")),
            );
        }
    }
}
