use super::*;

rule!("FLK051", "reserved-path", Error, check);

/// FireLens writes the first of each two, and puts what comes from S3 at the second.
const RESERVED: [&str; 4] = [
    "/fluent-bit/etc/fluent-bit.conf",
    "/fluent-bit/etc/external.conf",
    "/fluentd/etc/fluent.conf",
    "/fluentd/etc/external.conf",
];

/// Where the process of AWS's `init-` images puts what it makes (`init/fluent_bit_init_process.go` of aws-for-fluent-bit): the
/// configuration that it starts Fluent Bit with, its start command, and the files from S3.
const OF_INIT: [&str; 3] =
    ["/init/fluent-bit-init.conf", "/init/invoke_fluent_bit.sh", "/init/fluent-bit-init-s3-files/"];

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
        for variable in &router.environment {
            let (Some(name), Some(path)) = (&variable.value.name, &variable.value.value) else { continue };
            if !name.to_ascii_lowercase().starts_with("aws_fluent_bit_init_file") {
                continue;
            }
            let of_firelens = RESERVED.contains(&path.as_str());
            if of_firelens || OF_INIT.iter().any(|own| path.starts_with(own)) {
                let message = match of_firelens {
                    true => format!("`{}` names FireLens's own file, which the image includes anyway", name.value),
                    false => format!("`{}` names a file that the image writes at its start", name.value),
                };
                let label = if of_firelens { "is read twice" } else { "yours is overwritten" };
                let finding = RULE.at(Place::new(task.file, &path.span), message).label(label);
                found.push(finding.help("put your file elsewhere in the image, such as /firelens-kit/extra.conf"));
            }
        }
    }
}
