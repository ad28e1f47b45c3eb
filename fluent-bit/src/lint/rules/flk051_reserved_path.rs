use super::*;
use crate::firelens::{RESERVED, RESERVED_BY_INIT};

rule!("FLK051", "reserved-path", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (task, router) in context.routers() {
        let path = router.firelens_configuration.as_ref().and_then(|firelens| firelens.option(firelens::CONFIG_VALUE));
        if let Some(pair) = path.filter(|pair| RESERVED.contains(&pair.value.value.as_str())) {
            let finding = RULE.at(Place::new(task.file, &pair.value.span), "this path belongs to FireLens");
            found.push(
                finding
                    .label("your file is covered by its own")
                    .help("take another path, such as /firelens-kit/pipeline.conf"),
            );
        }
        for variable in &router.environment {
            let (Some(name), Some(path)) = (&variable.value.name, &variable.value.value) else { continue };
            if !name
                .to_ascii_lowercase()
                .strip_prefix(firelens::INIT_PREFIX)
                .is_some_and(|kind| kind.starts_with("file"))
            {
                continue;
            }
            let of_firelens = RESERVED.contains(&path.as_str());
            if of_firelens || RESERVED_BY_INIT.iter().any(|own| path.starts_with(own)) {
                let message = match of_firelens {
                    true => format!("`{}` names FireLens's own file, which the image includes anyway", name.value),
                    false => format!("`{}` names a file that the image writes at its start", name.value),
                };
                let label = if of_firelens { "is read twice" } else { "yours is overwritten" };
                let finding = RULE.at(Place::new(task.file, &path.span), message).label(label);
                found.push(finding.help("put your file elsewhere in the image, such as /firelens-kit/extra.conf"));
            }
        }
    }
}
