use super::*;
use crate::{Image, Version};

rule!("FLK058", "health-check-tool", Error, check);

/// Not in aws-for-fluent-bit since 3.0.
const MISSING: [&str; 4] = ["nc", "ncat", "netcat", "wget"];

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (task, router) in context.routers() {
        let Some(health) = &router.health_check else { continue };
        let image = router.image.as_ref().and_then(|image| Image::parse(image.as_str()).ok());
        let (aws, version) = image.map_or((true, None), |image| (image.is_aws(), image.version));
        let old = version.is_some_and(|version| version < Version::new(4, 1, 0));
        let no_curl = aws && version.is_some_and(|version| version < Version::new(4, 1, 1) && !old);
        for text in &health.command {
            let words = text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_');
            for word in words {
                let missing = (aws && !old && MISSING.contains(&word)) || (no_curl && word == "curl");
                if missing {
                    let message = format!("the image has no `{word}`");
                    let finding =
                        RULE.at(Place::new(task.file, &text.span), message).label("the router never becomes healthy");
                    found.push(
                        finding
                            .help("it has curl, since 3.0.1: curl -fsS http://127.0.0.1:2020/api/v1/uptime || exit 1"),
                    );
                }
            }
        }
    }
}
