use super::*;

rule!("FLK082", "reserve-data", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (pipeline, filter) in context.filters("parser").filter(|(pipeline, _)| pipeline.firelens) {
        let keeps = filter.last("reserve_data").map(|entry| pipeline.value(entry));
        if keeps.is_some_and(|value| value.is_none_or(|value| is_on(&value))) {
            continue;
        }
        let place = filter.last("reserve_data").map(|entry| filter.place(entry.value.span()));
        let finding =
            RULE.at(place.unwrap_or_else(|| name_place(filter)), "a record that this parses keeps nothing else");
        let finding = finding.label("container_name, source and the ecs_* fields are dropped");
        let fix = match filter.last("reserve_data").and_then(Entry::text) {
            Some(text) => Some(replace(filter, text, "On")),
            None => context.insert(filter, "Reserve_Data", "On"),
        };
        found.push(finding.help("add Reserve_Data On").fix("Reserve_Data On", fix));
    }
}
