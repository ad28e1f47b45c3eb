use super::*;

rule!("FLK066", "buffer-volume", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines() {
        let Some(task) = pipeline.task.and_then(|task| context.tasks.get(task)) else { continue };
        let Some(router) = task.definition.routers().next() else { continue };
        let Some((service, entry)) = pipeline.setting("storage.path") else { continue };
        let Some(path) = pipeline.value(entry) else { continue };
        let mount = router
            .mount_points
            .iter()
            .find(|mount| mount.container_path.as_ref().is_some_and(|own| is_within(&path, own.as_str())));
        let place = service.place(entry.value.span());
        let read_only = |flag: &Option<crate::task_definition::Spanned<bool>>| flag.as_ref().is_some_and(|it| it.value);
        match mount {
            None if router.writes_to(&path) => {}
            None if read_only(&router.readonly_root_filesystem) => {
                let finding = RULE.at(place, "the router cannot write there: its root file system is read-only");
                found.push(finding.severity(Severity::Error).label("Fluent Bit does not start").help(HELP));
            }
            None => {
                let finding = RULE.at(place, "this folder is in the router's container, and goes with it");
                let finding = finding.label("what is buffered is lost when the router is started again");
                found.push(finding.related(container_place(task, router), "mounts no volume there").help(HELP));
            }
            Some(mount) if read_only(&mount.read_only) => {
                let finding = RULE.at(place, "the volume for this folder is mounted read-only");
                let finding = finding.related(Place::new(task.file, &mount.span), "here").severity(Severity::Error);
                found.push(finding.label("Fluent Bit does not start").help("take readOnly away"));
            }
            Some(_) => {}
        }
    }
}

const HELP: &str = "add a volume to the task, and a mountPoint with this containerPath to the router";
