use super::*;
use crate::firelens::HEALTH_CHECK;

rule!("FLK023", "healthcheck-records", Remark, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines().filter(|pipeline| pipeline.firelens) {
        for output in pipeline.outputs().filter(|output| !pipeline.is(output, "null")) {
            let Some(entry) = output.last("match_regex").or(output.last("match")) else { continue };
            let takes = pipeline.matches(output).is_some_and(|own| own.covers(HEALTH_CHECK));
            if takes {
                let finding =
                    RULE.at(output.place(entry.value.span()), "this output also gets FireLens's health checks");
                let finding = finding.label(format!("matches `{HEALTH_CHECK}`"));
                found.push(finding.help("write Match *-firelens-*, or name each tag"));
            }
        }
    }
}
