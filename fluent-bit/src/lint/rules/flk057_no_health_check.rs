use super::*;

rule!("FLK057", "no-health-check", Remark, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (task, router) in context.routers().filter(|(_, router)| router.health_check.is_none()) {
        let finding = RULE.at(container_place(task, router), "the router has no health check");
        let finding = finding.label("nobody sees that it hangs, and no container can wait for it");
        found.push(match router.is_fluentd() {
            true => finding.help("add a healthCheck with a command that the image has, and that asks Fluentd only"),
            false => finding.help(format!("add {HEALTH_CHECK}")),
        });
    }
}
