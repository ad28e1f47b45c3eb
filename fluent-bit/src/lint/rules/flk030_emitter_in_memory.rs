use super::*;

rule!("FLK030", "emitter-in-memory", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (pipeline, filter) in context.filters("rewrite_tag") {
        let kind = pipeline.property(filter, "emitter_storage.type");
        if kind.is_some_and(|kind| kind.eq_ignore_ascii_case("filesystem")) {
            continue;
        }
        let limit = pipeline.property(filter, "emitter_mem_buf_limit").unwrap_or_else(|| "10 MB".to_string());
        let message = format!("the records that this filter moves wait in memory, {limit} at most");
        let finding = RULE.at(name_place(filter), message);
        let finding = finding.label(match context.version.loses_silently_in_rewrite_tag() {
            true => "what does not fit is lost, without a word in the log",
            false => "a burst stops the input",
        });
        let finding = finding.help("add Emitter_Storage.type filesystem, with storage.path in [SERVICE]");
        let disk = pipeline.setting("storage.path").is_some() && filter.get("emitter_storage.type").is_none();
        let fix = disk.then(|| context.insert(filter, "Emitter_Storage.type", "filesystem")).flatten();
        found.push(finding.fix("Emitter_Storage.type filesystem added", fix));
    }
}
