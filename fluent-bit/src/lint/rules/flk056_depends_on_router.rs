use super::*;
use crate::{
    lint::context::Task,
    task_definition::{Container, Dependency, Spanned},
};

rule!("FLK056", "depends-on-router", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for task in &context.tasks {
        let Some(router) = task.definition.routers().next() else { continue };
        let Some(name) = &router.name else { continue };
        for container in task.definition.firelens_apps() {
            let mut all = container.depends_on.iter();
            let own = all.find(|dependency| dependency.container.as_ref().is_some_and(|it| it.value == name.value));
            found.extend(match own {
                Some(own) => explicit(task, router, own),
                None => Some(implicit(task, router, container)),
            });
        }
    }
}

/// `dependsOn` for the router, and the health check that it needs.
fn help(router: &Container) -> String {
    let name = router.name.as_ref().map_or("log_router", |name| name.as_str());
    let depends = format!("\"dependsOn\": [{{ \"containerName\": \"{name}\", \"condition\": \"HEALTHY\" }}]");
    match &router.health_check {
        Some(_) => format!("add {depends}"),
        None => format!("add {depends}, and to the router {HEALTH_CHECK}"),
    }
}

/// The ECS agent starts the router first by itself, unless the router waits for something.
fn implicit(task: &Task, router: &Spanned<Container>, container: &Spanned<Container>) -> Finding {
    let place = container_place(task, container);
    match router.depends_on.first() {
        Some(first) => {
            let finding = RULE.at(place, "nothing starts the router before this container");
            let finding = finding.label("what it logs before the router runs is lost");
            let finding =
                finding.related(Place::new(task.file, &first.span), "ECS adds no order to a router that waits");
            finding.help(help(router))
        }
        None => {
            let finding = RULE.at(place, "ECS starts the router first, and does not wait until it takes records");
            finding.severity(Severity::Remark).label("HEALTHY would wait for that").help(help(router))
        }
    }
}

fn explicit(task: &Task, router: &Spanned<Container>, own: &Dependency) -> Option<Finding> {
    let condition = own.condition.as_ref()?;
    let at = |message: &str| RULE.at(Place::new(task.file, &condition.span), message);
    match condition.as_str() {
        "HEALTHY" if router.health_check.is_none() => {
            let finding = at("the router has no health check, so that it never is HEALTHY");
            let finding = finding.severity(Severity::Error).label("ECS refuses the task definition");
            Some(finding.related(container_place(task, router), "the router").help(format!("add to it {HEALTH_CHECK}")))
        }
        "HEALTHY" => None,
        "COMPLETE" | "SUCCESS" => {
            let finding = at("this waits until the router has ended").severity(Severity::Error);
            Some(finding.label("the container never starts").help("write HEALTHY"))
        }
        _ => {
            let finding = at("the router's process runs, but it may not take records yet").severity(Severity::Remark);
            Some(finding.label("HEALTHY would wait for that").help(help(router)))
        }
    }
}
