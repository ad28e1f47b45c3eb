use super::*;

rule!("FLK063", "stop-timeout", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines() {
        let Some(task) = pipeline.task.and_then(|task| context.tasks.get(task)) else { continue };
        let Some(router) = task.definition.routers().next() else { continue };
        let Some((service, entry)) = pipeline.setting("grace") else { continue };
        let Some(grace) = pipeline.value(entry).and_then(|value| value.parse::<i64>().ok()) else { continue };
        let timeout = router.stop_timeout.as_ref().map_or(STOP_TIMEOUT, |timeout| timeout.value);
        if timeout > grace {
            continue;
        }
        let place = router
            .stop_timeout
            .as_ref()
            .map_or_else(|| container_place(task, router), |it| Place::new(task.file, &it.span));
        let message =
            format!("ECS kills the router {timeout} seconds after SIGTERM, before its Grace of {grace} is over");
        let finding = RULE.at(place, message).label("what is still buffered then is lost");
        let finding = finding.related(service.place(entry.value.span()), "Grace");
        found.push(finding.help(format!("write \"stopTimeout\": {}", grace.saturating_add(STOP_MARGIN))));
    }
}
