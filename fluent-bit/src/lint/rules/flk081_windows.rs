use super::*;

rule!("FLK081", "windows", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (task, router) in context.routers() {
        let platform = task.definition.runtime_platform.as_ref();
        let Some(system) = platform.and_then(|platform| platform.operating_system_family.as_ref()) else { continue };
        if system.to_ascii_uppercase().starts_with("WINDOWS") {
            let finding = RULE.at(Place::new(task.file, &system.span), "there is no FireLens on Windows");
            let finding = finding.label("no task starts").related(container_place(task, router), "the router");
            found.push(finding.help("log to awslogs, or write the log to a volume that an agent of its own reads"));
        }
    }
}
