use super::*;
use crate::Image;

rule!("FLK047", "floating-image", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (task, router) in context.routers() {
        let Some(text) = &router.image else { continue };
        let place = Place::new(task.file, &text.span);
        match Image::parse(text.as_str()) {
            Err(error) => found.push(RULE.at(place, error.to_string()).severity(Severity::Error)),
            Ok(image) if image.floating => {
                let finding =
                    RULE.at(place, "this image can be another one tomorrow").label("the next task gets another router");
                let help = match image.is_aws() {
                    true => format!(
                        "name a tag that stays, such as {}; `latest` and `stable` are still Fluent Bit 1.9",
                        Image::DEFAULT
                    ),
                    false => "name a tag that stays, or a digest (@sha256:…)".to_string(),
                };
                found.push(finding.help(help));
            }
            Ok(_) => {}
        }
    }
}
