use super::*;

rule!("FLK072", "router-user", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (task, router) in context.routers() {
        let Some(user) = &router.user else { continue };
        let uid = user.split_once(':').map_or(user.as_str(), |(uid, _)| uid);
        if uid.is_empty() || !uid.bytes().all(|byte| byte.is_ascii_digit()) {
            let place = Place::new(task.file, &user.span);
            let finding = RULE.at(place, format!("`{}` is no user that a FireLens router can run as", user.value));
            found.push(finding.label("ECS takes its number only").help("\"user\": \"1000:1000\", or \"0\""));
        } else if uid.bytes().any(|byte| byte != b'0') {
            let finding =
                RULE.at(Place::new(task.file, &user.span), "a router that is not root needs ECS agent 1.96.0");
            let finding = finding.severity(Severity::Info).label("or newer, on instances of your own");
            found.push(finding.help("the router's volumes have to belong to this user as well"));
        }
    }
}
