use super::*;

rule!("FLK065", "restart-policy", Remark, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (task, router) in context.routers() {
        let policy = router.restart_policy.as_ref();
        let enabled = policy.and_then(|policy| policy.enabled.as_ref());
        if enabled.is_some_and(|enabled| enabled.value) {
            continue;
        }
        let place =
            enabled.map_or_else(|| container_place(task, router), |enabled| Place::new(task.file, &enabled.span));
        let finding = RULE.at(place, "the router is not started again when its process dies");
        let finding = finding.label("its buffer, and the task or its logs, are gone");
        found.push(finding.help("add \"restartPolicy\": { \"enabled\": true }"));
    }
}
