use super::*;

rule!("FLK067", "router-log", Remark, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (task, router) in context.routers().filter(|(_, router)| router.log_configuration.is_none()) {
        let finding = RULE.at(container_place(task, router), "nobody sees the router's own log");
        let finding = finding.label("why it lost or retried something is not said anywhere");
        found.push(finding.help("add a logConfiguration with the log driver awslogs"));
    }
}
