use super::*;
use firelens_filter::names::GIVEN;

rule!("FLK086", "field-not-there", Warning, check);

/// A field of FireLens's records, or what a template can name besides.
fn is_field(name: &str) -> bool {
    name == "TAG" || GIVEN.iter().any(|given| given.name == name)
}

/// The properties of plugins other than the types of destinations that are templates of fields, or name one.
const TEMPLATES: [(&str, &str); 3] = [("loki", "labels"), ("loki", "label_keys"), ("rewrite_tag", "rule")];

/// The properties of a section that are templates of fields.
fn templates(name: &str) -> impl Iterator<Item = &'static str> {
    let known = known_output(name).into_iter().flat_map(|known| known.templates);
    let others = TEMPLATES.iter().filter(move |(plugin, _)| *plugin == name).map(|(_, property)| *property);
    known.filter(|template| template.of_fields).map(|template| template.property).chain(others)
}

/// The filters that add no field whose name is not written in them.
const KNOWN: [&str; 6] = ["rewrite_tag", "grep", "multiline", "throttle", "stdout", "log_to_metrics"];

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines().filter(|pipeline| pipeline.is_whole_firelens()) {
        let filters = || pipeline.of(SectionKind::Filter);
        let name = |section| pipeline.plugin_name(section).unwrap_or_default();
        // What a parser or a script makes of a record is not known here.
        let open = filters().any(|filter| !KNOWN.contains(&name(filter).as_str()))
            || pipeline.of(SectionKind::Input).next().is_some();
        let kubernetes =
            filters().any(|filter| ["kubernetes", "lua", "wasm", "modify", "nest"].contains(&name(filter).as_str()));
        for section in &pipeline.sections {
            let own = name(section);
            for property in templates(&own) {
                for text in section.all(property).flat_map(Entry::texts) {
                    let wrong = fields(&text.text).into_iter().find(|field| match *field {
                        "kubernetes" => !kubernetes,
                        field => !open && !is_field(field),
                    });
                    let Some(field) = wrong else { continue };
                    let finding =
                        RULE.at(section.place(&text.span), format!("FireLens's records have no field `{field}`"));
                    let finding = finding.label("empty, or the fallback, for every record");
                    found.push(finding.help("they have container_name, container_id, source, log, and ecs_cluster, ecs_task_arn and ecs_task_definition"));
                }
            }
        }
    }
}

/// The fields that a template names: `$field`, `$field['inner']`.
fn fields(text: &str) -> Vec<&str> {
    let part = |part: &'_ str| part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len());
    let parts = text.split('$').skip(1).map(|after| &after[..part(after)]);
    parts.filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic())).collect()
}
