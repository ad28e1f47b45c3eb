use super::*;
use crate::lint::context::Role;

rule!("FLK075", "unnamed-configuration", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    let routers: Vec<_> = context.fluent_bit_routers().collect();
    let Some((task, router)) = routers.first() else { return };
    // Who starts Fluent Bit in another way may name any file.
    if routers.iter().any(|(_, router)| router.command.is_some() || router.entry_point.is_some()) {
        return;
    }
    let free = |own: &&Configuration| own.role == Role::Pipeline && own.task.is_none() && !own.sections.is_empty();
    for own in context.configurations.iter().filter(free) {
        let path = &context.files[own.file].path;
        let name = path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
        let place = own.sections.first().map_or(Place { file: own.file, start: 0, end: 0 }, Section::title_place);
        let finding = RULE.at(place, format!("no router of these task definitions names `{name}`"));
        let finding = finding.label("nothing includes this file");
        let finding = finding.related(container_place(task, router), "this router does not");
        // An image of one's own may give the file another name.
        let own_image = routers.iter().any(|(_, router)| !has_known_image(router));
        let finding = if own_image { finding.severity(Severity::Info) } else { finding };
        found.push(finding.help(format!(
            "add \"options\": {{ \"config-file-type\": \"file\", \"config-file-value\": \"/{name}\" }} to its \
             firelensConfiguration, and the file to its image"
        )));
    }
}
