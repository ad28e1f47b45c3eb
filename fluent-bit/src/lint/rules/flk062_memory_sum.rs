use super::*;

rule!("FLK062", "memory-sum", Warning, check);

/// What an emitter in memory holds unless it says otherwise.
const EMITTER: u64 = 10_000_000;

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines() {
        let Some(task) = pipeline.task.and_then(|task| context.tasks.get(task)) else { continue };
        let Some(router) = task.definition.routers().next() else { continue };
        let Some(memory) = router.memory_reservation.as_ref().or(router.memory.as_ref()) else { continue };
        let limits: Vec<(&Section, u64)> =
            pipeline.sections.iter().filter_map(|section| Some((section, limit(pipeline, section)?))).collect();
        let sum = limits.iter().fold(0, |sum: u64, (_, bytes)| sum.saturating_add(*bytes));
        let half = (memory.value.max(0) as u64).saturating_mul(1 << 19);
        let Some((largest, bytes)) = limits.iter().max_by_key(|(_, bytes)| *bytes) else { continue };
        if sum > half {
            let message = format!(
                "{} MB may be buffered in memory beside FireLens's input, which takes half of the router's {} MiB",
                sum / 1_000_000,
                memory.value
            );
            let finding = RULE.at(name_place(largest), message).label(format!("{} MB of it", bytes / 1_000_000));
            let finding = finding.related(Place::new(task.file, &memory.span), "the router has this much");
            found.push(finding.help("lower the limits, buffer on disk, or give the router more memory"));
        }
    }
}

/// What a section may hold in memory.
fn limit(pipeline: &Configuration, section: &Section) -> Option<u64> {
    let on_disk =
        |name: &str| pipeline.property(section, name).is_some_and(|kind| kind.eq_ignore_ascii_case("filesystem"));
    let set = |name: &str| pipeline.property(section, name).and_then(|value| size(&value));
    match (section.kind, pipeline.plugin_name(section)?.as_str()) {
        (SectionKind::Input, _) if !on_disk("storage.type") => set("mem_buf_limit"),
        (SectionKind::Filter, "rewrite_tag") if !on_disk("emitter_storage.type") => {
            Some(set("emitter_mem_buf_limit").unwrap_or(EMITTER))
        }
        _ => None,
    }
}
