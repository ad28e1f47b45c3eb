use super::*;

rule!("FLK029", "unlimited-disk-buffer", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    let on_disk = |pipeline: &Configuration| pipeline.setting("storage.path").is_some();
    for (pipeline, output) in remote_outputs(context).filter(|(pipeline, _)| on_disk(pipeline)) {
        // The S3 output gathers records in files of its own.
        let limit = if pipeline.is(output, "s3") { "store_dir_limit_size" } else { "storage.total_limit_size" };
        if output.last(limit).is_none() {
            let message = "nothing limits what is buffered on disk for this output";
            let finding = RULE.at(name_place(output), message).label("an outage fills the disk");
            found.push(finding.help(format!("add {limit}: records a second x bytes of a record x seconds of outage")));
        }
    }
}
