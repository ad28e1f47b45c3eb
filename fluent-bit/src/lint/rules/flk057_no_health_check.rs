use super::*;

rule!("FLK057", "no-health-check", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (task, router) in context.routers().filter(|(_, router)| router.health_check.is_none()) {
        let finding = RULE.at(container_place(task, router), "the router has no health check");
        let finding = finding.label("nobody sees that it hangs, and no container can wait for it");
        found.push(
            finding
                .help("add healthCheck: [\"CMD-SHELL\", \"curl -fsS http://127.0.0.1:2020/api/v1/uptime || exit 1\"]"),
        );
    }
}
