use super::*;

rule!("FLK078", "read-only-root", Error, check);

/// Where an `s3` output gathers what it uploads, unless it is told where.
const S3: &str = "/tmp/fluent-bit/s3";

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (task, router) in context.fluent_bit_routers() {
        let Some(flag) = router.readonly_root_filesystem.as_ref().filter(|flag| flag.value) else { continue };
        if is_init(router) {
            let finding =
                RULE.at(Place::new(task.file, &flag.span), "an `init-` image writes its configuration into /init");
            let finding = finding.label("the router does not start");
            found.push(finding.help("take readonlyRootFilesystem away, or the image without init-"));
        }
        for pipeline in context.pipelines().filter(|own| own.task.is_some_and(|own| context.tasks[own] == *task)) {
            for output in pipeline.outputs().filter(|output| pipeline.is(output, "s3")) {
                let folder = match output.last("store_dir") {
                    Some(folder) => pipeline.value(folder),
                    None => Some(S3.to_string()),
                };
                let Some(folder) = folder.filter(|folder| !router.writes_to(folder)) else { continue };
                let message = format!("the `s3` output gathers records in {folder}, which is read-only");
                let finding = RULE.at(Place::new(task.file, &flag.span), message).label("Fluent Bit does not start");
                let finding = finding.related(name_place(output), "this output");
                found.push(finding.help(format!(
                    "add a volume to the task, and a mountPoint with \"containerPath\": \"{folder}\" to the router"
                )));
            }
        }
    }
}
