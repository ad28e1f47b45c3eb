use super::*;

rule!("FLK051", "reserved-path", Error, check);

/// FireLens writes the first of each two, and puts what comes from S3 at the second.
const RESERVED: [&str; 4] = [
    "/fluent-bit/etc/fluent-bit.conf",
    "/fluent-bit/etc/external.conf",
    "/fluentd/etc/fluent.conf",
    "/fluentd/etc/external.conf",
];

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (task, router) in context.routers() {
        let path = router.firelens_configuration.as_ref().and_then(|firelens| firelens.option("config-file-value"));
        if let Some(pair) = path.filter(|pair| RESERVED.contains(&pair.value.value.as_str())) {
            let finding = RULE.at(Place::new(task.file, &pair.value.span), "this path belongs to FireLens");
            found.push(
                finding
                    .label("your file is covered by its own")
                    .help("take another path, such as /firelens-kit/pipeline.conf"),
            );
        }
    }
}
