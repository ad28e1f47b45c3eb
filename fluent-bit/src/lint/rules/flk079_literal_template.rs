use super::*;
use crate::destination::Template;

rule!("FLK079", "literal-template", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (pipeline, output) in context.outputs() {
        // Those of AWS's plugins in Go are templates.
        let known = destination(pipeline, output).filter(|known| pipeline.is(output, known.plugin));
        for Template { property, takes, .. } in known.iter().flat_map(|known| known.templates) {
            let Some(text) = output.last(property).and_then(Entry::text) else { continue };
            let Some(start) = text.text.find("$(") else { continue };
            let end = text.text[start..].find(')').map_or(text.text.len(), |end| start + end + 1);
            let part = &text.text[start..end];
            let finding = RULE.at(output.place(&text.span), format!("`{part}` stays as it is, with its brackets"));
            let finding = finding.label("`$(…)` is a template of AWS's plugins in Go only");
            found.push(finding.help(format!("{property} takes {takes}")));
        }
    }
}
