use super::*;
use crate::firelens::HEALTH_CHECK;

rule!("FLK028", "memory-only-buffer", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in remote_pipelines(context).filter(|pipeline| pipeline.whole) {
        found.extend(path(context, pipeline));
        let inherited = inherits(context, pipeline);
        let on_disk = inherited || behind_emitter(context, pipeline);
        if pipeline.firelens && !on_disk && pipeline.setting("storage.path").is_some() {
            found.push(firelens(context, pipeline));
        }
        let own = |input: &&Section| {
            !inherited && pipeline.property(input, "storage.type").is_none_or(|it| it != "filesystem")
        };
        for input in pipeline.of(SectionKind::Input).filter(own).filter(|_| !pipeline.firelens) {
            let finding = RULE.at(name_place(input), "this input buffers in memory").label("gone when the router dies");
            found.push(finding.help("add storage.type filesystem"));
        }
    }
}

/// Without a path there is no buffer on disk at all.
fn path(context: &Context, pipeline: &Configuration) -> Option<Finding> {
    if pipeline.setting("storage.path").is_some()
        || (!pipeline.firelens && pipeline.of(SectionKind::Input).next().is_none())
    {
        return None;
    }
    let finding = RULE.at(service_place(context, pipeline)?, "records are buffered in memory only");
    let finding = finding.label("what the destination did not take yet is gone when the router dies");
    Some(
        finding.help(
            "set storage.path in [SERVICE], on a task volume, with storage.type filesystem and storage.inherit On",
        ),
    )
}

fn inherits(context: &Context, pipeline: &Configuration) -> bool {
    let on = |name: &str, right: fn(&str) -> bool| pipeline.setting_value(name).is_some_and(|value| right(&value));
    context.version.inherits_storage()
        && on("storage.inherit", is_on)
        && on("storage.type", |kind| kind.eq_ignore_ascii_case("filesystem"))
}

/// All records go at once through a `rewrite_tag` that has its queue on disk.
fn behind_emitter(context: &Context, pipeline: &Configuration) -> bool {
    let filters = pipeline.of(SectionKind::Filter).filter(|filter| pipeline.is(filter, "rewrite_tag"));
    let mut on_disk = filters.filter(|filter| {
        pipeline.property(filter, "emitter_storage.type").is_some_and(|kind| kind.eq_ignore_ascii_case("filesystem"))
    });
    let flow = pipeline.flow(context);
    let tags = || flow.sources.iter().filter(|(tag, input)| input.is_none() && tag != HEALTH_CHECK);
    on_disk.any(|filter| {
        let everything = flow.rewrites.iter().any(|it| std::ptr::eq(it.filter, filter) && is_everything(&it.regex));
        everything && pipeline.matches(filter).is_some_and(|own| tags().all(|(tag, _)| own.covers(tag)))
    })
}

fn firelens(context: &Context, pipeline: &Configuration) -> Finding {
    let place = pipeline.setting("storage.path").map(|(section, entry)| section.place(&entry.key.span));
    let place = place.unwrap_or(Place { file: pipeline.file, start: 0, end: 0 });
    let finding = RULE.at(place, "FireLens's own input still buffers in memory").label("this alone does not reach it");
    match context.version.inherits_storage() {
        true => finding.help("add storage.type filesystem and storage.inherit On to [SERVICE]"),
        false => finding.help(format!(
            "Fluent Bit {} cannot do that for FireLens's input: take 4.0.4 or newer, with storage.inherit On",
            context.version
        )),
    }
}
