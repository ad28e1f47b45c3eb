use super::*;
use crate::firelens::HEALTH_CHECK;

rule!("FLK080", "stream-on-every-tag", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines() {
        for stream in pipeline.streams().iter().filter(|stream| stream.section.get("exec").is_some()) {
            let exec = stream.section.last("exec").map(|entry| stream.section.place(entry.value.span()));
            let place = exec.unwrap_or_else(|| stream.section.title_place());
            let own = stream.makes.as_str();
            if own != "*" && stream.takes.covers(own) {
                let finding = RULE.at(place, format!("this query reads its own results, which have the tag `{own}`"));
                let finding = finding.label("a loop: each record comes again and again");
                found.push(finding.help("read only the tags that are meant: FROM TAG:'*-firelens-*'"));
            } else if own != "*" && pipeline.firelens && stream.takes.covers(HEALTH_CHECK) {
                let finding = RULE.at(place, "this query also reads FireLens's health checks");
                let finding = finding.severity(Severity::Warning).label(format!("matches `{HEALTH_CHECK}`"));
                found.push(finding.help("read only the tags that are meant: FROM TAG:'*-firelens-*'"));
            }
        }
    }
}
