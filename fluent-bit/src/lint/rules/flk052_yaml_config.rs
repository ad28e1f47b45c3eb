use super::*;
use crate::conf::Syntax;
use std::path::Path;

rule!("FLK052", "yaml-config", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (task, router) in context.fluent_bit_routers() {
        let path = router.firelens_configuration.as_ref().and_then(|firelens| firelens.option(firelens::CONFIG_VALUE));
        if let Some(pair) = path.filter(|pair| Syntax::of(Path::new(pair.value.as_str())) == Syntax::Yaml) {
            let finding = RULE.at(Place::new(task.file, &pair.value.span), "FireLens cannot include YAML");
            let finding = finding.label("its own part is in the classic format");
            found.push(finding.help("write it in the classic format: [SERVICE], [FILTER], [OUTPUT]"));
        }
    }
}
