use super::*;

rule!("FLK040", "missing-region", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (pipeline, output) in context.outputs() {
        let Some(region) = destination(pipeline, output).and_then(|known| known.region.as_ref()) else { continue };
        let on = |name| output.last(name).and_then(|entry| pipeline.value(entry)).is_some_and(|value| is_on(&value));
        if output.get(region.property).is_some() || !region.only_with.is_none_or(on) {
            continue;
        }
        let (name, property) = (pipeline.plugin_name(output).unwrap_or_default(), region.property);
        let finding = RULE.at(name_place(output), format!("`{name}` without `{property}`"));
        let finding = match region.default {
            Some(default) => finding.severity(Severity::Warning).label(format!("is {default} then")),
            None => finding.label("Fluent Bit does not start"),
        };
        let fix = context.insert(output, property, "${AWS_REGION}");
        let finding = finding.help(format!("write {property} ${{AWS_REGION}}, which ECS sets"));
        found.push(finding.fix(format!("{property} ${{AWS_REGION}} added"), fix));
    }
}
