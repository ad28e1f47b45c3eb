use super::*;

rule!("FLK029", "unlimited-disk-buffer", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    let on_disk = |pipeline: &Configuration| pipeline.setting("storage.path").is_some();
    for (_, output) in remote_outputs(context).filter(|(pipeline, _)| on_disk(pipeline)) {
        if output.last("storage.total_limit_size").is_none() {
            let message = "nothing limits what is buffered on disk for this output";
            let finding = RULE.at(name_place(output), message).label("an outage fills the disk");
            let help = "add storage.total_limit_size: records a second x bytes of a record x seconds of outage";
            found.push(finding.help(help));
        }
    }
}
