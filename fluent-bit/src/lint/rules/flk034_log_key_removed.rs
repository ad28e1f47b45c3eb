use super::*;
use crate::{conf::Span, lint::context::Reach};

rule!("FLK034", "log-key-removed", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines() {
        let removals = removals(context, pipeline);
        for output in pipeline.outputs() {
            let Some(entry) = output.last("log_key") else { continue };
            let (Some(key), own) = (pipeline.value(entry), pipeline.matches(output)) else { continue };
            let Some(removal) = removals.iter().find(|it| it.key == key && it.reach.meets(own.as_ref())) else {
                continue;
            };
            let message = format!("the records that come here have no `{key}` any more");
            let finding =
                RULE.at(output.place(entry.value.span()), message).label("every record without it is dropped");
            let why = if removal.sure { "it goes here" } else { "the module takes it away when it parses it" };
            let finding = finding.related(removal.filter.place(&removal.span), why);
            let finding = finding.help("take log_key away, so that the whole record is sent, or keep the field");
            found.push(if removal.sure { finding } else { finding.severity(Severity::Warning) });
        }
    }
}

/// A filter that takes a field away.
struct Removal<'a> {
    filter: &'a Section,
    key: String,
    span: Span,
    /// It always does.
    sure: bool,
    reach: Reach,
}

fn removals<'a>(context: &Context, pipeline: &'a Configuration) -> Vec<Removal<'a>> {
    let flow = pipeline.flow(context);
    let mut all = Vec::new();
    for filter in pipeline.of(SectionKind::Filter) {
        let fields = removed(pipeline, filter);
        if fields.is_empty() {
            continue;
        }
        let reach = flow.reach(pipeline.matches(filter).as_ref());
        let removal = |(key, span, sure)| Removal { filter, key, span, sure, reach: reach.clone() };
        all.extend(fields.into_iter().map(removal));
    }
    all
}

/// The fields that a filter takes away, where that is said, and whether it always does.
fn removed(pipeline: &Configuration, filter: &Section) -> Vec<(String, Span, bool)> {
    let preserves = || pipeline.property(filter, "preserve_key").is_some_and(|value| is_on(&value));
    let named = |name: &'static str| {
        let texts = filter.all(name).flat_map(Entry::texts);
        texts.map(|text| (text.text.clone(), text.span.clone(), true)).collect()
    };
    match pipeline.plugin_name(filter).as_deref() {
        Some("parser") if !preserves() => named("key_name"),
        Some("modify") => named("remove"),
        Some("record_modifier") => named("remove_key"),
        Some("wasm") => filter.plugin().map(|name| ("log".to_string(), name.span.clone(), false)).into_iter().collect(),
        _ => Vec::new(),
    }
}
