use super::*;
use crate::{
    Image, Version,
    image::{is_before, numbers},
};

rule!("FLK084", "image-release", Warning, check);

/// Crashes of AWS's images by its change log: before which of its releases, with which output (any without one), and what.
const CRASHES: [(&[u32], &str, &str); 4] = [
    (&[2, 28, 1], "", "tags over 256 characters end this Fluent Bit"),
    (&[2, 31, 1], "datadog", "the `datadog` output of this image can end it, when it maps tags"),
    (&[2, 31, 2], "cloudwatch_logs", "two `cloudwatch_logs` outputs for one tag can end this image"),
    (&[2, 32, 3], "http", "the `http` output of this image can end it"),
];

/// The series of Fluent Bit that get no fixes any more: those before this one (MAINTENANCE.md of v5.1.1; 4.2 ended on 2026-07-30).
const ENDED: Version = Version::new(5, 0, 0);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (task, router) in context.fluent_bit_routers() {
        let Some(text) = &router.image else { continue };
        let Some(image) = Image::parse(text.as_str()).ok() else { continue };
        let place = Place::new(task.file, &text.span);
        let used: Vec<String> = context
            .pipelines()
            .filter(|own| own.task.is_some_and(|own| context.tasks[own] == *task))
            .flat_map(|own| own.outputs().filter_map(|output| own.plugin_name(output)))
            .collect();
        let own = image.tag.as_deref().and_then(numbers).filter(|_| image.is_aws() && !image.floating);
        for (fixed, output, what) in CRASHES {
            let twice = output != "cloudwatch_logs" || used.iter().filter(|name| *name == output).count() > 1;
            let uses = output.is_empty() || (used.iter().any(|name| name == output) && twice);
            if uses && own.as_ref().is_some_and(|own| is_before(own, fixed)) {
                let fixed: Vec<String> = fixed.iter().map(u32::to_string).collect();
                let finding = RULE.at(place.clone(), what).label("records in memory are lost with it");
                found.push(finding.help(format!("take {} or newer", fixed.join("."))));
            }
        }
        if let Some(version) = image.version.filter(|version| *version < ENDED && image.exact) {
            let message = format!("Fluent Bit {}.{} gets no fixes any more", version.major, version.minor);
            let finding = RULE.at(place, message).severity(Severity::Remark).label("out of maintenance");
            found.push(finding.help(format!("take a newer one, such as {}", Image::DEFAULT)));
        }
    }
}
