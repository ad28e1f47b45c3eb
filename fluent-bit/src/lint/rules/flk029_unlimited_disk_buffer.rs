use super::*;

rule!("FLK029", "unlimited-disk-buffer", Warning, check);

const LIMIT: &str = "storage.total_limit_size";

fn check(context: &Context, found: &mut Vec<Finding>) {
    let on_disk = |pipeline: &Configuration| pipeline.setting("storage.path").is_some();
    for (pipeline, output) in remote_outputs(context).filter(|(pipeline, _)| on_disk(pipeline)) {
        // Where a limit does harm, none is missed.
        let harms = destination(pipeline, output).is_some_and(|known| known.limit_breaks.is_some());
        if output.last(LIMIT).is_none() && !harms {
            let message = "nothing limits what is buffered on disk for this output";
            let finding = RULE.at(name_place(output), message).label("an outage fills the disk");
            found.push(finding.help(format!("add {LIMIT}: records a second x bytes of a record x seconds of outage")));
        }
    }
}
