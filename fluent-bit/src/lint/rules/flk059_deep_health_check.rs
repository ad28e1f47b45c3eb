use super::*;

rule!("FLK059", "deep-health-check", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (task, router) in context.routers() {
        for text in router.health_check.iter().flat_map(|health| &health.command) {
            let Some(why) = deep(text.as_str()) else { continue };
            let finding =
                RULE.at(Place::new(task.file, &text.span), why).label("an outage elsewhere ends the whole task");
            found.push(finding.help("ask the router only: curl -fsS http://127.0.0.1:2020/api/v1/uptime || exit 1"));
        }
    }
}

fn deep(command: &str) -> Option<&'static str> {
    if command.contains("/api/v1/health") {
        return Some("`/api/v1/health` is bad when a destination does not take the records");
    }
    let own = |host: &str| crate::host::is_this_machine(host) || host.split(':').next() == Some("0.0.0.0");
    let end = |c: char| !c.is_ascii_alphanumeric() && !".-:[]".contains(c);
    let mut hosts = command.split("://").skip(1).map(|rest| rest.split(end).next().unwrap_or_default());
    if hosts.any(|host| !own(host)) {
        return Some("this health check asks another machine");
    }
    let words = command.split(|c: char| c.is_whitespace() || c == ';' || c == '|' || c == '&');
    words.into_iter().any(|word| word == "aws").then_some("this health check asks AWS")
}
