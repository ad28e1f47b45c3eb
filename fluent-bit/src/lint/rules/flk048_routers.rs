use super::*;

rule!("FLK048", "routers", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for task in &context.tasks {
        let routers: Vec<_> = task.definition.routers().collect();
        if routers.is_empty() {
            for container in task.definition.firelens_apps() {
                let finding = RULE.at(driver_place(task, container), "there is no router for this log driver");
                found.push(
                    finding
                        .label("ECS refuses the task")
                        .help("add a container with a firelensConfiguration: firelens-kit inject"),
                );
            }
        }
        for router in routers.iter().skip(1) {
            let finding = RULE.at(container_place(task, router), "a second router").label("ECS takes one at most");
            found.push(finding.related(container_place(task, routers[0]), "the first"));
        }
        for router in routers.iter().filter(|router| router.log_driver() == Some(firelens::DRIVER)) {
            let finding = RULE.at(driver_place(task, router), "the router's own log would go through the router");
            found.push(finding.label("ECS refuses it").help("let it log to awslogs"));
        }
    }
}
