use super::*;

rule!("FLK050", "config-from-s3", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (task, router) in context.routers().filter(|(task, _)| task.definition.fargate()) {
        let kind = router.firelens_configuration.as_ref().and_then(|firelens| firelens.option(firelens::CONFIG_TYPE));
        if let Some(pair) = kind.filter(|pair| pair.value.value == "s3") {
            let finding =
                RULE.at(Place::new(task.file, &pair.value.span), "a configuration from S3 does not work on Fargate");
            let finding = finding.label("the task does not start");
            found.push(
                finding.help("put the file into the router's image, with config-file-type file; or use an init- image"),
            );
        }
    }
}
