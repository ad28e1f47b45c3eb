use super::*;

rule!("FLK016", "undefined-parser", Error, check);

/// The multi-line parsers that Fluent Bit brings along.
const BUILT_IN: [&str; 6] = ["docker", "cri", "go", "java", "python", "ruby"];

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines().filter(|pipeline| pipeline.whole) {
        let Some(known) = &pipeline.parsers else { continue };
        for section in &pipeline.sections {
            for text in used(pipeline, section) {
                let names = pipeline.resolve(text).unwrap_or_default();
                for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                    if known.iter().any(|own| own == name) || BUILT_IN.contains(&name) {
                        continue;
                    }
                    let message = format!("there is no parser `{name}`");
                    let finding = RULE.at(section.place(&text.span), message).label("not defined");
                    let names: Vec<&str> = known.iter().map(String::as_str).chain(BUILT_IN).collect();
                    let finding = did_you_mean(finding, name, &names);
                    let help = "name the file that defines it as Parsers_File in [SERVICE]; FireLens names none";
                    let finding = if finding.help.is_none() { finding.help(help) } else { finding };
                    // Without [SERVICE] it may be one of several files that the image puts together.
                    let whole = pipeline.of(SectionKind::Service).next().is_some();
                    found.push(if whole { finding } else { finding.severity(Severity::Warning) });
                }
            }
        }
    }
}

/// The parsers that a section names.
fn used<'a>(pipeline: &Configuration, section: &'a Section) -> Vec<&'a Text> {
    let plugin = pipeline.plugin_name(section).unwrap_or_default();
    let names: &[&str] = match (section.kind, plugin.as_str()) {
        (SectionKind::Filter, "parser") => &["parser"],
        (SectionKind::Filter, "multiline") => &["multiline.parser"],
        (SectionKind::Input, "tail" | "syslog" | "docker" | "serial" | "tcp") => &["parser", "multiline.parser"],
        _ => &[],
    };
    names.iter().flat_map(|name| section.all(name)).flat_map(Entry::texts).collect()
}
