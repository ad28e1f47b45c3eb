use super::*;

rule!("FLK060", "health-check-without-server", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines() {
        let Some(task) = pipeline.task.and_then(|task| context.tasks.get(task)) else { continue };
        let Some(router) = task.definition.routers().next() else { continue };
        if !pipeline.whole || !is_seen(pipeline, task) {
            continue;
        }
        let on = pipeline.setting_value("http_server").is_some_and(|value| is_on(&value));
        let port = pipeline.setting_value("http_port").unwrap_or_else(|| "2020".to_string());
        for text in
            router.health_check.iter().flat_map(|health| &health.command).filter(|text| text.contains("/api/v1/"))
        {
            let place = Place::new(task.file, &text.span);
            if !on {
                let finding = RULE.at(place, "the health check asks Fluent Bit's HTTP server, which is off");
                found.push(
                    finding
                        .label("the router never becomes healthy")
                        .help("write HTTP_Server On and HTTP_Listen 127.0.0.1 in [SERVICE]"),
                );
            } else if !text.contains(&format!(":{port}/")) {
                let finding = RULE.at(place, format!("Fluent Bit's HTTP server is on port {port}"));
                found.push(
                    finding
                        .label("the router never becomes healthy")
                        .help(format!("ask http://127.0.0.1:{port}/api/v1/uptime")),
                );
            }
        }
    }
}
