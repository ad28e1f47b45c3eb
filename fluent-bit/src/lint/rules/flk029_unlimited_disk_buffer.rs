use super::*;

rule!("FLK029", "unlimited-disk-buffer", Warning, check);

const LIMIT: &str = "storage.total_limit_size";

fn check(context: &Context, found: &mut Vec<Finding>) {
    let on_disk = |pipeline: &Configuration| pipeline.setting("storage.path").is_some();
    for (pipeline, output) in remote_outputs(context).filter(|(pipeline, _)| on_disk(pipeline)) {
        // The S3 output gathers records in files of its own, and what limits those does harm: see `destination/s3.rs`.
        if output.last(LIMIT).is_none() && !pipeline.is(output, "s3") {
            let message = "nothing limits what is buffered on disk for this output";
            let finding = RULE.at(name_place(output), message).label("an outage fills the disk");
            found.push(finding.help(format!("add {LIMIT}: records a second x bytes of a record x seconds of outage")));
        }
    }
}
