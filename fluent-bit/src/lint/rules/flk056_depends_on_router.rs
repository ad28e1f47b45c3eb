use super::*;
use crate::lint::context::awsfirelens;

rule!("FLK056", "depends-on-router", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for task in &context.tasks {
        let router = task.definition.routers().next().and_then(|router| router.name.as_ref());
        let Some(router) = router else { continue };
        for container in awsfirelens(&task.definition) {
            let mut all = container.depends_on.iter();
            let own =
                all.find(|dependency| dependency.container.as_ref().is_some_and(|name| name.value == router.value));
            let help =
                format!("add to dependsOn: {{ \"containerName\": \"{}\", \"condition\": \"HEALTHY\" }}", router.value);
            match own {
                None => {
                    let message = "this container may start before the router, and stop after it";
                    let finding = RULE.at(container_place(task, container), message).label("what it logs then is lost");
                    found.push(finding.help(help));
                }
                Some(dependency) => {
                    let Some(condition) = dependency.condition.as_ref().filter(|it| it.value != "HEALTHY") else {
                        continue;
                    };
                    let message = "the router's process runs, but it may not take records yet";
                    let finding = RULE.at(Place::new(task.file, &condition.span), message).label("too early");
                    found.push(finding.help("write HEALTHY, with a healthCheck for the router"));
                }
            }
        }
    }
}
