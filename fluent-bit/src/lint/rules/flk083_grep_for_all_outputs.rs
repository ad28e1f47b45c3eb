use super::*;

rule!("FLK083", "grep-for-all-outputs", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (pipeline, filter) in context.filters("grep") {
        let Some(own) = pipeline.matches(filter) else { continue };
        let flow = pipeline.flow(context);
        let tags: Vec<String> =
            flow.tags().into_iter().filter(|tag| own.overlaps(tag)).map(|tag| own.narrow(tag)).collect();
        let outputs: Vec<(&Section, Matcher)> =
            pipeline.outputs().filter_map(|output| Some((output, pipeline.matches(output)?))).collect();
        // FireLens's health checks are nobody's records.
        let mut named = tags.iter().filter(|tag| *tag != crate::firelens::HEALTH_CHECK);
        let Some(other) = named.find_map(|tag| two(&outputs, tag)) else { continue };
        let finding = RULE.at(name_place(filter), "a record that this drops comes to none of its tag's outputs");
        let finding =
            finding.label("filters act on a tag, not on an output").related(name_place(other), "nor to this one");
        let finding = finding.help("copy the records to another tag with rewrite_tag (KEEP true), and drop there");
        let drops_most = filter.get("regex").is_some();
        found.push(if drops_most { finding } else { finding.severity(Severity::Remark) });
    }
}

/// The second of two outputs that take the same records with a tag of this pattern.
fn two<'a>(outputs: &[(&'a Section, Matcher)], tag: &str) -> Option<&'a Section> {
    let takes: Vec<&(&'a Section, Matcher)> = outputs.iter().filter(|(_, to)| to.overlaps(tag)).collect();
    takes.iter().enumerate().find_map(|(at, (_, one))| {
        let common = one.narrow(tag);
        takes[at + 1..].iter().find(|(_, other)| other.overlaps(&common)).map(|(output, _)| *output)
    })
}
