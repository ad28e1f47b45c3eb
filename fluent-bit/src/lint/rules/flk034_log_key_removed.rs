use super::*;

rule!("FLK034", "log-key-removed", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (pipeline, output) in context.outputs() {
        let Some((entry, key)) = output.last("log_key").and_then(|entry| Some((entry, pipeline.value(entry)?))) else { continue };
        let remover = pipeline.of(SectionKind::Filter).filter(|filter| pipeline.meet(context, filter, output));
        let Some((filter, place, sure)) = remover.filter_map(|filter| removes(pipeline, filter, &key)).next() else { continue };
        let message = format!("the records that come here have no `{key}` any more");
        let finding = RULE.at(output.place(entry.value.span()), message).label("every record without it is dropped");
        let finding = finding.related(filter.place(&place), if sure { "it goes here" } else { "the module takes it away when it parses it" });
        let finding = finding.help("take log_key away, so that the whole record is sent, or keep the field");
        found.push(if sure { finding } else { finding.severity(Severity::Warning) });
    }
}

/// Where a filter takes a field away, and whether it always does.
fn removes<'a>(pipeline: &Configuration, filter: &'a Section, key: &str) -> Option<(&'a Section, crate::conf::Span, bool)> {
    let on = |name: &str| pipeline.property(filter, name).is_some_and(|value| is_on(&value));
    let named = |names: &[&str]| {
        let entries = names.iter().flat_map(|name| filter.all(name));
        entries.flat_map(Entry::texts).find(|text| text.text == key).map(|text| text.span.clone())
    };
    let span = match pipeline.plugin_name(filter)?.as_str() {
        "parser" if !on("preserve_key") => named(&["key_name"])?,
        "modify" => named(&["remove"])?,
        "record_modifier" => named(&["remove_key"])?,
        "wasm" if key == "log" => return Some((filter, filter.plugin()?.span.clone(), false)),
        _ => return None,
    };
    Some((filter, span, true))
}
