use super::*;
use crate::{Image, Version, task_definition::Container};

rule!("FLK058", "health-check-tool", Error, check);

/// Not in aws-for-fluent-bit since 3.0.
const MISSING: [&str; 4] = ["nc", "ncat", "netcat", "wget"];

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (task, router) in context.fluent_bit_routers() {
        let Some(health) = &router.health_check else { continue };
        if let Some(text) = health.command.first().filter(|text| text.value == "CMD-SHELL" && has_no_shell(router)) {
            let finding = RULE.at(Place::new(task.file, &text.span), "the image has no shell");
            let finding = finding.label("the router never becomes healthy");
            found.push(
                finding.help("take the image with -debug at the end of its tag, or one with curl, such as AWS's"),
            );
            continue;
        }
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

/// fluent/fluent-bit is built on nothing but the libraries that it needs, unless the tag says `debug`.
fn has_no_shell(router: &Container) -> bool {
    let image = router.image.as_ref().and_then(|image| Image::parse(image.as_str()).ok());
    image.is_some_and(|image| {
        let own = image.repository.ends_with("fluent/fluent-bit");
        own && !image.tag.as_deref().is_some_and(|tag| tag.contains("debug"))
    })
}
