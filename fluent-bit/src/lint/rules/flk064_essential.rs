use super::*;

rule!("FLK064", "essential", Remark, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (task, router) in context.routers().filter(|(_, router)| router.essential.is_none()) {
        let finding = RULE.at(container_place(task, router), "`essential` is not said, so it is true");
        let finding = finding.label("when the router dies, ECS stops the whole task");
        found.push(
            finding.help("choose: true, and no line goes unlogged; or false, and the app goes on without its logs"),
        );
    }
}
